using Fury.Kernel;

namespace Fury.Compute.Contracts;

/// <summary>
/// A place where replicas run. Standard and Serverless wear this one face, and one contract suite holds both to it. Every member is
/// idempotent by pool id: asking twice changes nothing. Calls record the wish and return at once; the world follows and is told by
/// <see cref="PoolChanged"/>.
/// </summary>
public interface IComputeEngine
{
    /// <summary>Pools that may be asked about at once; more is a mistake of the caller and throws.</summary>
    const int PoolsMax = 2000;

    ComputeKind Kind { get; }

    /// <summary>Where the engine can run pools now, by name: any other location is refused by <see cref="Ensure"/>.</summary>
    Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation);

    /// <summary>
    /// Makes the pool exist with its replicas. The same spec again returns the pool as it is; another number of replicas, floor, criticality,
    /// workload type, scaling or share of spot for an active pool moves it there; another release or location under a known id, or a pool that is retiring or
    /// retired, is a <see cref="FaultKind.Conflict"/>; numbers out of bounds, or a location that the engine does not have, are <see cref="FaultKind.Invalid"/>.
    /// </summary>
    Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation);

    /// <summary>
    /// Sets the number below which autoscaling may not go, and grows to it; it never shrinks the pool. Refused as a conflict once the pool
    /// retires, as invalid above the ceiling, as not found when the pool was never asked for.
    /// </summary>
    Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation);

    /// <summary>
    /// Takes the pool down: replicas stop being ready at once, end their work within the grace period, and go. A pool that is not known is
    /// remembered as retired (with <see cref="PoolSpec.Unknown"/>), so that a late <see cref="Ensure"/> cannot bring it to life.
    /// </summary>
    Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation);

    /// <summary>
    /// For a replica that is sick though it answers its health check: it stops being ready at once, ends its work within the grace period and goes, and
    /// another starts at the same time, if as many are still wanted. Until that one is ready the pool has one ready replica fewer, also below its floor:
    /// nothing waits for the successor, since a sick replica serves nobody. Where that one runs is the provider's or the cluster's to say. A replica that
    /// is not known, or stops already, leaves the pool as it is. <see cref="FaultKind.NotFound"/> when the pool was never asked for,
    /// <see cref="FaultKind.Conflict"/> once it retires.
    /// </summary>
    Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation);

    /// <summary>The pool as last seen; <see cref="FaultKind.NotFound"/> when it was never asked for.</summary>
    Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation);

    /// <summary>The pools as last seen, by id; those that were never asked for are left out. At most <see cref="PoolsMax"/>.</summary>
    Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation);

    /// <summary>
    /// What the replicas of these pools use, of at most <see cref="PoolsMax"/>. What is not known, cannot be read or is not told within a few seconds is
    /// left out: no fault of a provider or a cluster throws here.
    /// </summary>
    Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation);

    /// <summary>All pools of a scope that are not yet retired, oldest first.</summary>
    Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation);

    /// <summary>The last <paramref name="tail"/> lines of each replica, then, with <paramref name="follow"/>, new ones as they come.</summary>
    IAsyncEnumerable<LogLine> Logs(PoolId pool, int tail, bool follow, CancellationToken cancellation);
}
