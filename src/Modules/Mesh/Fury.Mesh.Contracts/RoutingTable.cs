using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>How much of a scope's traffic a pool gets.</summary>
/// <param name="Weight">Percent, 0 to 100. A pool of weight 0 stays known to the proxies: it is their fallback when no pool with weight has
/// a ready endpoint.</param>
public sealed record PoolWeight(PoolId Pool, int Weight);

/// <summary>Where a scope's requests go. Replaced whole, never edited.</summary>
/// <param name="Version">Grows with every publication of any scope; a proxy that has applied version v has applied every lower one.</param>
/// <param name="Pools">Weights add up to 100, or the list is empty (nothing serves the scope).</param>
/// <param name="Fence">Of the last publisher; a lower one is refused.</param>
public sealed record RoutingTable(ScopeRef Scope, long Version, IReadOnlyList<PoolWeight> Pools, long Fence);

/// <summary>Who has not yet applied a version.</summary>
/// <param name="Waiting">Live proxies that are behind; empty when the version has converged.</param>
public sealed record Convergence(long Version, IReadOnlyList<ProxyState> Waiting)
{
    public bool Done => Waiting.Count == 0;

    /// <summary>Proxies that are behind and silent: taken for dead and not waited for.</summary>
    public IReadOnlyList<ProxyState> Lost { get; init; } = [];
}

/// <summary>A proxy as last heard of.</summary>
public sealed record ProxyState(string Proxy, long AppliedVersion, DateTimeOffset HeardAt);

/// <summary>
/// What the data plane has seen of a pool, summed over all proxies that ever served it. Counters only grow while the pool lives.
/// </summary>
/// <param name="Requests">Requests sent to the pool that have ended, retries not counted twice.</param>
/// <param name="Errors">Of these, answered with a 5xx by the pool itself.</param>
/// <param name="Failures">Of these, got no answer from the pool: refused, reset or timed out, and not saved by a retry elsewhere.</param>
/// <param name="InFlight">Requests in the pool's hands now, by live proxies.</param>
/// <param name="LatencyCounts">How many requests fell into each bucket of <see cref="Latency.BucketBounds"/>, and one more for slower
/// ones.</param>
public sealed record PoolTraffic(PoolId Pool, long Requests, long Errors, long Failures, int InFlight, IReadOnlyList<long> LatencyCounts)
{
    public static PoolTraffic None(PoolId pool) => new(pool, 0, 0, 0, 0, new long[Latency.BucketBounds.Count + 1]);
}

/// <summary>The fixed buckets of every latency histogram, so that histograms of different proxies add up.</summary>
public static class Latency
{
    /// <summary>Upper bounds in milliseconds: 1 ms to about 65 s, each √2 times the one before.</summary>
    public static IReadOnlyList<double> BucketBounds { get; } = [.. Enumerable.Range(0, 33).Select(step => Math.Pow(2, step / 2.0))];
}

/// <summary>What deployments ask of the mesh.</summary>
public interface IRoutingTables
{
    /// <summary>
    /// Replaces the scope's table. The same pools and weights again return the current table unchanged. Refused: weights that do not add up
    /// to 100 (<see cref="FaultKind.Invalid"/>), a pool with weight and without a ready endpoint or a pool of another scope
    /// (<see cref="FaultKind.Conflict"/>, invariant I1), and a fence lower than the last publisher's (<see cref="FaultKind.Stale"/>).
    /// </summary>
    Task<Outcome<RoutingTable>> Publish(ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation);

    /// <summary>The scope's table; version 0 and no pools when none was ever published.</summary>
    Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation);

    /// <summary>
    /// Waits until every live proxy has applied <paramref name="version"/>, at most for <paramref name="patience"/>, and says who has not.
    /// </summary>
    Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation);

    /// <summary>What the data plane has seen of these pools; a pool without traffic has zeros.</summary>
    Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation);

    /// <summary>Where a client reaches the scope, e.g. <c>http://production-web.shop.localhost:7081</c>.</summary>
    Uri Address(ScopeRef scope);
}
