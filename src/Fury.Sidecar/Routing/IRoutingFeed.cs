using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Sidecar.Routing;

/// <summary>Where endpoints are, as the control plane says it: what is met there is told under it.</summary>
internal sealed record Place(string Region, string Zone, string SubZone)
{
    public static Place Unknown { get; } = new("", "", "");
}

/// <summary>Where a request may be sent.</summary>
internal sealed record Endpoint(string Address, int Port)
{
    public Place Place { get; init; } = Place.Unknown;
}

/// <summary>A pool as requests are divided to it. Endpoints are the ready ones only.</summary>
internal sealed record WeightedPool(PoolId Pool, int Weight, IReadOnlyList<Endpoint> Endpoints)
{
    /// <summary>Its name towards the control plane.</summary>
    public string Cluster { get; init; } = "";

    public PoolRules Rules { get; init; } = PoolRules.None;
}

/// <summary>A scope: its host names, its pools, and how its requests are treated.</summary>
internal sealed record ScopeRoutes(ScopeRef Scope, IReadOnlyList<string> Hosts, IReadOnlyList<WeightedPool> Pools)
{
    /// <summary>It is divided among pools, as while a deployment is under way: replicas are counted one by one.</summary>
    public bool IsSplit => Pools.Count > 1;

    public TrafficRules Rules { get; init; } = TrafficRules.None;

    /// <summary>Notes when it was last asked for; null where nobody wants to know.</summary>
    public LastUse? Use { get; init; }
}

/// <summary>What has changed.</summary>
/// <param name="Version">The number to acknowledge once all of it is applied.</param>
/// <param name="Whole">The first update of a subscription holds every scope; scopes that it does not name are gone.</param>
/// <param name="Scopes">Scopes that are new or have changed, whole.</param>
internal sealed record RoutingUpdate(long Version, bool Whole, IReadOnlyList<ScopeRoutes> Scopes)
{
    public IReadOnlyList<ScopeRef> Gone { get; init; } = [];
}

/// <summary>A pool's counters since this sidecar started; they only grow, but for <see cref="InFlight"/> and <see cref="Waiting"/>.</summary>
/// <param name="Requests">Requests that have ended, retries not counted twice.</param>
/// <param name="Errors">Of these, answered with a 5xx by the pool itself.</param>
/// <param name="Failures">Of these, got no answer from the pool, and were not saved by a retry elsewhere.</param>
/// <param name="LatencyCounts">Requests by bucket of <see cref="Latency.BucketBounds"/>, and one more for slower ones.</param>
internal sealed record PoolTraffic(PoolId Pool, long Requests, long Errors, long Failures, int InFlight, IReadOnlyList<long> LatencyCounts)
{
    /// <summary>Attempts that were begun; a retry is one more.</summary>
    public long Begun { get; init; }

    /// <summary>By place; empty from a data plane that does not count it.</summary>
    public IReadOnlyList<PlaceTraffic> Places { get; init; } = [];

    /// <summary>One by one, while the pool's scope is split; empty otherwise.</summary>
    public IReadOnlyList<ReplicaTraffic> Replicas { get; init; } = [];

    /// <summary>Requests that wait now for the pool to have an endpoint.</summary>
    public int Waiting { get; init; }

    public static PoolTraffic None(PoolId pool) => new(pool, 0, 0, 0, 0, new long[LatencyBuckets.Count]);
}

/// <summary>What a pool's attempts met at one place since this sidecar started; the numbers only grow.</summary>
/// <param name="Reached">A replica answered, whatever the status.</param>
/// <param name="NotReached">No connection could be made. What broke or took too long after that may be the application's doing, and is in neither.</param>
internal sealed record PlaceTraffic(Place Place, long Reached, long NotReached);

/// <summary>What a replica's attempts met since its scope was split; the numbers only grow.</summary>
/// <param name="Begun">Attempts that have begun.</param>
/// <param name="Requests">Of these, those that have ended.</param>
/// <param name="Errors">Of these, answered with a 5xx, or not at all.</param>
/// <param name="LatencyCounts">As of a pool; empty from a data plane that does not measure it.</param>
internal sealed record ReplicaTraffic(Endpoint Endpoint, long Begun, long Requests, long Errors, IReadOnlyList<long> LatencyCounts);

/// <summary>What the control plane says of a host name that the model does not know.</summary>
internal enum HostAnswer
{
    /// <summary>Its routes are in force now.</summary>
    Routed,

    /// <summary>There is no such scope.</summary>
    Unknown,

    /// <summary>It has not been heard in time.</summary>
    NoAnswer,
}

/// <summary>The seam between the data plane and how it is configured.</summary>
internal interface IRoutingFeed
{
    /// <summary>How often a proxy reports.</summary>
    static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The whole state first, then changes as they come, each at most once and in the order of their versions. Changes that come faster than
    /// they are read are merged.
    /// </summary>
    /// <param name="proxy">Its name towards the control plane.</param>
    IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, CancellationToken cancellation);

    /// <summary>The proxy has applied <paramref name="version"/>: no request is routed by an older one from now on.</summary>
    ValueTask Applied(string proxy, long version, CancellationToken cancellation);

    /// <summary>
    /// Counters of each pool whose numbers have changed since its last report. Called about once in <see cref="ReportInterval"/>, also with
    /// nothing to report: it is the sign of life. A proxy reports before it acknowledges a version, so that whoever sees the
    /// acknowledgement sees what was in flight by then.
    /// </summary>
    ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation);

    /// <summary>The pool is out of the routes for long, and has been reported: its counters start at zero if it comes back.</summary>
    void Forget(PoolId pool)
    {
    }

    /// <summary>Asks for a host name that the model does not know, and waits for a bounded time.</summary>
    ValueTask<HostAnswer> Find(string host, CancellationToken cancellation);
}
