using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>The instance metadata service of EC2, version 2: everything is asked with a token that is asked for first.</summary>
internal sealed class AwsMetadata(MetadataCalls calls, TimeProvider clock) : IMetadata
{
    private const int Unauthorized = 401;
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(6);
    private static readonly TimeSpan TokenUse = TimeSpan.FromHours(5);

    private (string Text, DateTimeOffset At)? _token;

    public Task<string?> InstanceId(CancellationToken cancellation) => Get("latest/meta-data/instance-id", cancellation);

    /// <summary>An interruption counts more than a recommendation.</summary>
    public async Task<LossNotice?> Notice(CancellationToken cancellation)
    {
        if (Read(await Get("latest/meta-data/spot/instance-action", cancellation)) is { } action)
        {
            return new(NoticeKind.Interruption, Time(action["time"]));
        }

        return Read(await Get("latest/meta-data/events/recommendations/rebalance", cancellation)) is not null ? new(NoticeKind.Rebalance, null) : null;
    }

    private static JsonObject? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Time(JsonNode? node) => DateTimeOffset.TryParse(
        node?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private async Task<string?> Get(string path, CancellationToken cancellation)
    {
        if (_token is not { } known || clock.GetUtcNow() - known.At > TokenUse)
        {
            var life = TokenLife.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            var (_, text) = await calls.Send(HttpMethod.Put, "latest/api/token", ("X-aws-ec2-metadata-token-ttl-seconds", life), cancellation);
            if (text is null)
            {
                return null;
            }

            _token = known = (text, clock.GetUtcNow());
        }

        var (status, answer) = await calls.Send(HttpMethod.Get, path, ("X-aws-ec2-metadata-token", known.Text), cancellation);
        if (status == Unauthorized)
        {
            _token = null;
        }

        return answer;
    }
}
