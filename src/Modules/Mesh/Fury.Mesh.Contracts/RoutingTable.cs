using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>How much of a scope's traffic a pool gets.</summary>
/// <param name="Weight">Percent, 0 to 100, with at most two decimals. A pool of weight 0 stays known to the proxies: it is their fallback when no pool
/// with weight has a ready endpoint.</param>
public sealed record PoolWeight(PoolId Pool, decimal Weight)
{
    /// <summary>1 with all the decimals there can be: what is divided by it loses the zeros at its end.</summary>
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>Written as 1 and 0.25 everywhere, however it was given.</summary>
    public decimal Weight { get; init => field = value / One; } = Weight / One;
}

/// <summary>Where a scope's requests go. Replaced whole, never edited.</summary>
/// <param name="Version">Grows with every publication of any scope; a proxy that has applied version v has applied every lower one.</param>
/// <param name="Pools">Weights add up to exactly 100, or the list is empty (nothing serves the scope).</param>
/// <param name="Fence">Of the last publisher; a lower one is refused.</param>
public sealed record RoutingTable(ScopeRef Scope, long Version, IReadOnlyList<PoolWeight> Pools, long Fence);

/// <summary>Who holds a step of a deployment up, and why.</summary>
/// <param name="Waiting">
/// Proxies that use the scope and are behind; empty when the step is done. A proxy that does not use the scope is never in it, one that was
/// disconnected and may still route by what it had is.
/// </param>
public sealed record Convergence(long Version, IReadOnlyList<ProxyState> Waiting)
{
    public bool Done => Waiting.Count == 0;
}

/// <summary>Why a proxy is waited for.</summary>
public enum ProxyStage
{
    /// <summary>It was told, and has not acknowledged yet.</summary>
    Waiting,

    /// <summary>It has refused what it was told, and goes by what it had.</summary>
    Rejected,

    /// <summary>It is not connected, and goes by what it had.</summary>
    Disconnected,

    /// <summary>It routes by the version, but has not shown yet that the pool is idle: requests are in flight, or no report covers it.</summary>
    Busy,
}

/// <summary>A proxy that is waited for.</summary>
/// <param name="Since">Since when it is at this stage.</param>
/// <param name="Detail">In one sentence, with the proxy's own words where it has refused.</param>
public sealed record ProxyState(string Proxy, ProxyStage Stage, DateTimeOffset Since, string Detail)
{
    public override string ToString() => $"{Proxy} ({Stage.ToString().ToLowerInvariant()} since {Since:u}: {Detail})";
}

/// <summary>
/// What the data plane has seen of a pool, summed over all proxies that ever served it. Counters only grow while the pool lives.
/// </summary>
/// <param name="Requests">Requests sent to the pool that have ended, retries not counted twice.</param>
/// <param name="Errors">Of these, answered with a 5xx by the pool itself.</param>
/// <param name="Failures">Of these, got no answer from the pool: refused, reset or timed out, and not saved by a retry elsewhere.</param>
/// <param name="InFlight">Requests in the pool's hands now, or waiting for it to have an endpoint, by live proxies.</param>
/// <param name="LatencyCounts">How many requests fell into each bucket of <see cref="Latency.BucketBounds"/>, and one more for slower
/// ones.</param>
public sealed record PoolTraffic(PoolId Pool, long Requests, long Errors, long Failures, int InFlight, IReadOnlyList<long> LatencyCounts)
{
    /// <summary>
    /// Replica by replica, while the scope's table names two pools or more, as a deployment's does, and from proxies that tell of them one by one; empty
    /// otherwise, and forgotten when the table names fewer. So what has happened is the difference of two readings under such tables.
    /// </summary>
    public IReadOnlyList<ReplicaTraffic> Replicas { get; init; } = [];

    public static PoolTraffic None(PoolId pool) => new(pool, 0, 0, 0, 0, new long[Latency.BucketBounds.Count + 1]);
}

/// <summary>
/// What one replica has answered, summed over the proxies that tell of it. In attempts: a retry counts where it went, so a replica's errors are there also
/// where a retry elsewhere has saved the request. A pool of more than 200 replicas is told of in part.
/// </summary>
/// <param name="Requests">Attempts that have ended.</param>
/// <param name="Errors">Of these, answered with a 5xx, or not at all.</param>
/// <param name="LatencyCounts">As of a pool; zeros from proxies that do not measure it.</param>
public sealed record ReplicaTraffic(InstanceId Replica, long Requests, long Errors, IReadOnlyList<long> LatencyCounts);

/// <summary>The fixed buckets of every latency histogram, so that histograms of different proxies add up.</summary>
public static class Latency
{
    /// <summary>Upper bounds in milliseconds: 1 ms to about 65 s, each √2 times the one before.</summary>
    public static IReadOnlyList<double> BucketBounds { get; } = [.. Enumerable.Range(0, 33).Select(step => Math.Pow(2, step / 2.0))];
}

/// <summary>
/// Requests wait at proxies for the pool to have a ready endpoint; said again while they do, by each host at most once a second. See
/// <see cref="IRoutingTables.Hold"/>.
/// </summary>
public sealed record PoolAwaited(ScopeRef Scope, PoolId Pool) : IEvent
{
    public string Key => Pool.ToString();
}

/// <summary>What deployments ask of the mesh.</summary>
public interface IRoutingTables
{
    /// <summary>
    /// Replaces the scope's table. The same pools and weights again return the current table unchanged. Refused: weights with more than two
    /// decimals or that do not add up to 100 (<see cref="FaultKind.Invalid"/>), a pool with weight and without a ready endpoint or a pool of another scope
    /// (<see cref="FaultKind.Conflict"/>, invariant I1), and a fence lower than the last publisher's (<see cref="FaultKind.Stale"/>).
    /// </summary>
    Task<Outcome<RoutingTable>> Publish(ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation);

    /// <summary>The scope's table; version 0 and no pools when none was ever published.</summary>
    Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation);

    /// <summary>
    /// Waits until every proxy that uses the scope has applied <paramref name="version"/>, at most for <paramref name="patience"/>, and says who
    /// has not.
    /// </summary>
    Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation);

    /// <summary>
    /// Waits, as <see cref="Converged"/>, for more: every proxy that uses the scope has applied <paramref name="version"/>, and has since
    /// reported a full interval in which it began no request to <paramref name="pool"/>, with none in flight at its end.
    /// </summary>
    Task<Convergence> Drained(ScopeRef scope, PoolId pool, long version, TimeSpan patience, CancellationToken cancellation);

    /// <summary>What the data plane has seen of these pools; a pool without traffic has zeros.</summary>
    Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation);

    /// <summary>The scopes that this one calls, as its owners have declared and as its proxies have asked for, in the order of their names.</summary>
    Task<IReadOnlyList<ScopeRef>> Dependencies(ScopeRef scope, CancellationToken cancellation);

    /// <summary>
    /// Says whether requests of the scope are held while none of its pools has a ready endpoint, by proxies that can, and told of by
    /// <see cref="PoolAwaited"/>; otherwise they are refused at once. Returns the version from which on it is so, for <see cref="Converged"/>; the same again
    /// changes nothing.
    /// </summary>
    Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation);

    /// <summary>Where a client reaches the scope, e.g. <c>http://production-web.shop.localhost:7081</c>.</summary>
    Uri Address(ScopeRef scope);
}
