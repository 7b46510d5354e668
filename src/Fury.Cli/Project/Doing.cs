using System.Text.Json.Nodes;
using Fury.Cli.Http;
using Fury.Cli.Webhooks;

namespace Fury.Cli.Project;

/// <summary>Does moves by the API.</summary>
/// <param name="folder">Of the manifest: the files that it names are beside it.</param>
internal sealed class Doing(FuryApi api, string by, string folder)
{
    private const string Reason = "as fury.yaml says";

    /// <summary>One move, ready to be done: what is sent is read here, so that nothing is missing halfway.</summary>
    public Func<CancellationToken, Task> Ready(Move move) => move switch
    {
        Create create => Put(create.Place, create.Body, null),
        Change change => Put(change.Place, change.Body, change.Before.Tag),
        Remove when move.Place.Thing == Thing.Freeze => cancellation =>
            api.Post($"{move.Place.Path}/remove", new { Reason = "not in fury.yaml", By = by }, null, cancellation),
        Remove when move.Place.Thing == Thing.Binding => cancellation => api.Delete(
            Routes.With(move.Place.Path, [$"by={Uri.EscapeDataString(by)}", $"reason={Uri.EscapeDataString("not in fury.yaml")}"]), cancellation),
        Remove => cancellation => api.Delete(move.Place.Path, cancellation),
        _ => _ => Task.CompletedTask,
    };

    private Func<CancellationToken, Task> Put(Place place, JsonObject said, string? tag)
    {
        var body = Body(place.Thing, said);
        return cancellation => api.Put(place.Path, body, tag, cancellation);
    }

    private JsonObject Body(Thing thing, JsonObject said)
    {
        var body = (JsonObject)said.DeepClone();
        switch (thing)
        {
            case Thing.Binding:
                return new() { ["route"] = body, ["reason"] = Reason, ["by"] = by };
            case Thing.Freeze:
                body["by"] = by;
                return body;
            case Thing.Webhook when body["secretFile"] is { } file:
                body.Remove("secretFile");
                body["secret"] = WebhookCommand.FirstLine(Path.Combine(folder, file.GetValue<string>()));
                return body;
            default:
                return body;
        }
    }
}
