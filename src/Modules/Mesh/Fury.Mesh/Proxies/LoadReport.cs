using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Mesh.Proxies;

/// <summary>What a proxy has sent to one pool since its last report.</summary>
/// <param name="Issued">Requests that began in the interval.</param>
/// <param name="InFlight">Requests in the pool's hands at its end.</param>
/// <param name="Latencies">Ended requests by bucket; null from proxies that do not measure it.</param>
internal sealed record PoolLoad(PoolId Pool, long Issued, long Succeeded, long Failed, long Unanswered, int InFlight, long[]? Latencies)
{
    /// <summary>Requests that wait at the proxy for the pool to have an endpoint.</summary>
    public int Waiting { get; init; }

    /// <summary>One by one, while the pool's scope is split, from proxies that tell of them.</summary>
    public IReadOnlyList<ReplicaLoad> Replicas { get; init; } = [];
}

/// <summary>What a proxy's attempts have met at one replica since its last report.</summary>
/// <param name="Failed">Answered with a 5xx, or not at all.</param>
/// <param name="Latencies">Of attempts that have ended, by bucket: those that are not empty.</param>
internal sealed record ReplicaLoad(InstanceId Replica, long Succeeded, long Failed, IReadOnlyList<(int Bucket, long Count)> Latencies);

/// <summary>What a proxy has met at one location since its last report, in attempts.</summary>
/// <param name="Reached">Answered, whatever the status.</param>
/// <param name="Failed">No connection could be made. Only Fury's sidecar says so; others cannot tell it from an application's error.</param>
internal sealed record LocationLoad(Location Location, long Reached, long Failed);

/// <param name="BeganAt">Of the interval that it is about, as a timestamp of this host's clock: not earlier than it truly began.</param>
internal sealed record LoadReport(long BeganAt, long EndedAt, IReadOnlyList<PoolLoad> Pools)
{
    public IReadOnlyList<LocationLoad> Locations { get; init; } = [];
}
