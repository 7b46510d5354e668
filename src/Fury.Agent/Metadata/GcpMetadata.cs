using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>The metadata server of Compute Engine.</summary>
internal sealed class GcpMetadata(MetadataCalls calls, TimeProvider clock) : IMetadata
{
    /// <summary>What is left of an instance from the moment on that it is told.</summary>
    private static readonly TimeSpan PreemptedAfter = TimeSpan.FromSeconds(30);

    private DateTimeOffset? _preemptedAt;

    /// <summary>Its zone and name, e.g. <c>europe-west1-b/fury-1</c>, which name it in its project; the zone is told with the project before it.</summary>
    public async Task<string?> InstanceId(CancellationToken cancellation) =>
        await Get("zone", cancellation) is { } zone && await Get("name", cancellation) is { } name ? $"{zone.Split('/')[^1]}/{name}" : null;

    public async Task<LossNotice?> Notice(CancellationToken cancellation)
    {
        if (await Get("preempted", cancellation) == "TRUE")
        {
            _preemptedAt ??= clock.GetUtcNow();
            return new(NoticeKind.Interruption, _preemptedAt + PreemptedAfter);
        }

        // One that is moved lives on.
        return await Get("maintenance-event", cancellation) == "TERMINATE_ON_HOST_MAINTENANCE" ? new(NoticeKind.Maintenance, null) : null;
    }

    private async Task<string?> Get(string what, CancellationToken cancellation) =>
        (await calls.Send(HttpMethod.Get, $"computeMetadata/v1/instance/{what}", ("Metadata-Flavor", "Google"), cancellation)).Text?.Trim();
}
