using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>The instance metadata service of Azure, and its scheduled events.</summary>
internal sealed class AzureMetadata(MetadataCalls calls, TimeProvider clock) : IMetadata
{
    private string? _name;

    public async Task<string?> InstanceId(CancellationToken cancellation) =>
        _name ??= await Get("instance/compute/name?api-version=2021-02-01&format=text", cancellation);

    public async Task<LossNotice?> Notice(CancellationToken cancellation)
    {
        // The events of a whole set of machines come to each of them.
        var name = await InstanceId(cancellation);
        var events = Events(await Get("scheduledevents?api-version=2020-07-01", cancellation));
        var mine = events.Where(one => one["Resources"] is JsonArray all && all.Any(resource => resource?.ToString() is { } text && IsMe(text, name)));
        return mine.Select(Read).OfType<LossNotice>().OrderBy(notice => notice.Kind).FirstOrDefault();
    }

    /// <summary>In a scale set a resource is named <c>set_number</c>, as the machine itself is.</summary>
    private static bool IsMe(string resource, string? name) => name is null || resource.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<JsonObject> Events(string? text)
    {
        try
        {
            return ((text is null ? null : JsonNode.Parse(text))?["Events"] as JsonArray ?? []).OfType<JsonObject>();
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private LossNotice? Read(JsonObject one)
    {
        // One that has begun has no time any more.
        var at = DateTimeOffset.TryParse(one["NotBefore"]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : clock.GetUtcNow();
        return one["EventType"]?.ToString() switch
        {
            "Preempt" or "Terminate" => new(NoticeKind.Interruption, at),
            "Redeploy" => new(NoticeKind.Maintenance, at),
            _ => null,
        };
    }

    private async Task<string?> Get(string path, CancellationToken cancellation) =>
        (await calls.Send(HttpMethod.Get, $"metadata/{path}", ("Metadata", "true"), cancellation)).Text?.Trim();
}
