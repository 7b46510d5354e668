using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Rules;

namespace Fury.Cli.Webhooks;

internal sealed record WebhookRecord(
    string Name,
    string Url,
    IReadOnlyList<string> Teams,
    IReadOnlyList<string> Applications,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Phases,
    bool Enabled);

/// <param name="Deployment">Null: it is a test message, which <paramref name="AskedBy"/> has asked for.</param>
internal sealed record DeliveryRecord(long Id, string? Deployment, long Number, int Attempts, string? Error, DateTimeOffset? EndedAt, string? AskedBy);

internal sealed record ReplayRecord(int Replayed);

internal static class WebhookCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("webhook", "Who is told of deployments.")
        .With(Add(globals), List(globals), Remove(globals), Test(globals), Dead(globals), Replay(globals));

    private static FuryCommand Add(Globals globals)
    {
        var name = Named();
        var url = new Option<string>("--url") { Description = "Where events are posted to, http or https.", HelpName = "URL", Required = true };
        var secret = new Option<string?>("--secret-file")
        {
            Description = "A file whose first line signs what is sent; needed for a new one, otherwise the old one stays.",
            HelpName = "FILE",
        };
        var teams = RuleOptions.Each("--team", "An owner of applications.");
        var applications = RuleOptions.Each("--application", "An application.");
        var scopes = RuleOptions.Each("--scope", "A scope, in which * stands for any letters.");
        var phases = RuleOptions.Each("--phase", "A phase of deployments, after the event.");
        var disabled = new Option<bool>("--disabled") { Description = "Nothing is sent until it is added again without this." };
        return new FuryCommand(
                "add",
                "Makes a webhook, or replaces it: what is left out has its default again, but for the secret. Without filters it hears of everything.",
                "fury webhook add chat --url https://chat.example.com/hooks/7 --secret-file chat.secret --phase done --phase rolled-back")
            .With(name, url, secret, teams, applications, scopes, phases, disabled)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new
                {
                    Url = call.Value(url),
                    Secret = call.Value(secret) is { } file ? FirstLine(file) : null,
                    Teams = call.Value(teams),
                    Applications = call.Value(applications),
                    Scopes = call.Value(scopes),
                    Phases = call.Value(phases),
                    Enabled = !call.Value(disabled),
                };
                var answer = await call.Api.Put(Routes.Webhook(call.Value(name)!), body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Webhook {call.Value(name)} {(body.Enabled ? "is told of deployments" : "is disabled")}.");
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "Every webhook.", "fury webhook list").Lists<WebhookRecord>(
        globals,
        _ => Routes.Webhooks,
        _ => "No webhooks. Make one: fury webhook add NAME --url URL --secret-file FILE",
        ["WEBHOOK", "URL", "TEAMS", "APPLICATIONS", "SCOPES", "PHASES", "ENABLED"],
        one =>
        [
            one.Name, one.Url, string.Join(", ", one.Teams), string.Join(", ", one.Applications), string.Join(", ", one.Scopes), string.Join(", ", one.Phases),
            one.Enabled ? "yes" : "no",
        ]);

    private static FuryCommand Remove(Globals globals)
    {
        var name = Named();
        return new FuryCommand("remove", "Forgets a webhook and all that it was to be sent.", "fury webhook remove chat")
            .With(name)
            .Runs(globals, async (call, cancellation) =>
            {
                await call.Api.Delete(Routes.Webhook(call.Value(name)!), cancellation);
                call.Out.WriteLine($"Webhook {call.Value(name)} is forgotten.");
            });
    }

    private static FuryCommand Test(Globals globals)
    {
        var name = Named();
        return new FuryCommand("test", "Sends a webhook a test message, whatever it is told of; signed, and tried again as others.", "fury webhook test chat")
            .With(name)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Post(Routes.TestWebhook(call.Value(name)!), new { }, null, cancellation);
                call.Out.WriteLine(
                    call.Json ? answer.Text : $"A test message for webhook {call.Value(name)} is on its way, delivery {answer.Read<DeliveryRecord>().Id}.");
            });
    }

    private static FuryCommand Dead(Globals globals)
    {
        var name = Named();
        return new FuryCommand("dead", "What a webhook could not be sent, newest first.", "fury webhook dead chat")
            .With(name)
            .Lists<DeliveryRecord>(
                globals,
                call => Routes.DeadDeliveries(call.Value(name)!),
                _ => "Nothing was given up.",
                ["DELIVERY", "DEPLOYMENT", "EVENT", "ATTEMPTS", "GIVEN UP", "ERROR"],
                one =>
                [
                    $"{one.Id}", one.Deployment ?? $"test by {one.AskedBy}", $"{one.Number}", $"{one.Attempts}",
                    one.EndedAt is { } end ? Plain.Time(end) : null, one.Error,
                ]);
    }

    private static FuryCommand Replay(Globals globals)
    {
        var name = Named();
        var delivery = new Argument<string?>("DELIVERY") { Description = "One of 'fury webhook dead'; otherwise all.", Arity = ArgumentArity.ZeroOrOne };
        return new FuryCommand("replay", "Sends again what was given up.", "fury webhook replay chat", "fury webhook replay chat 4711")
            .With(name, delivery)
            .Runs(globals, async (call, cancellation) =>
            {
                var one = call.Value(delivery);
                var path = one is null ? Routes.Replay(call.Value(name)!) : Routes.Replay(call.Value(name)!, one);
                var answer = await call.Api.Post(path, new { }, null, cancellation);
                var count = one is null && !call.Json ? answer.Read<ReplayRecord>().Replayed : 1;
                call.Out.WriteLine(call.Json ? answer.Text : $"{count} {(count == 1 ? "delivery is" : "deliveries are")} sent again.");
            });
    }

    private static Argument<string> Named() => new("NAME") { Description = "The name of the webhook." };

    /// <summary>The secret of a file: the other lines are for people.</summary>
    internal static string? FirstLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim();
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"The secret can't be read: {unread.Message}");
        }
    }
}
