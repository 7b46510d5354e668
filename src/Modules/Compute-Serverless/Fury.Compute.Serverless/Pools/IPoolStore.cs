using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Pools, their shares and their replicas. Every member is atomic.</summary>
internal interface IPoolStore
{
    /// <summary>Pools that <see cref="Unsettled"/> gives at once.</summary>
    const int UnsettledMax = 500;

    /// <summary>
    /// The one way a pool changes: it is locked, changed, written where it differs, and told to others when they would see a difference, all in one
    /// transaction. A fault changes nothing. Null goes in for a pool that does not exist yet; of many who make it at once, one does, and the others
    /// change what that one made.
    /// </summary>
    Task<Outcome<Pool>> Change(PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation);

    Task<Pool?> Find(PoolId id, CancellationToken cancellation);

    /// <summary>Those of the pools that exist, by id.</summary>
    Task<IReadOnlyList<Pool>> Find(IReadOnlyCollection<PoolId> ids, CancellationToken cancellation);

    /// <summary>Pools of the scope that are not retired, oldest first.</summary>
    Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation);

    /// <summary>Pools that are not retired and have a share in the cluster.</summary>
    Task<IReadOnlyList<Pool>> In(string cluster, CancellationToken cancellation);

    /// <summary>Pools that have successors for what they have in some cluster, and have not left it yet.</summary>
    Task<IReadOnlyList<Pool>> Evacuating(CancellationToken cancellation);

    /// <summary>At most <see cref="UnsettledMax"/> pools that the reconciler has work for and that may be tried now, the longest waiting first.</summary>
    Task<IReadOnlyList<Pool>> Unsettled(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// What the watch of a cluster has seen of some pools: all their replicas there, whole. Pools that are not known, or retired, are left out.
    /// <see cref="FaultKind.Stale"/> when another watches the cluster by now.
    /// </summary>
    Task<Outcome> Observe(
        string cluster, long fence, IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> seen, CancellationToken cancellation);

    /// <summary>Changes a pool that exists. <see cref="FaultKind.NotFound"/> when it does not.</summary>
    Task<Outcome<Pool>> Change(PoolId id, Func<Pool, Pool> change, CancellationToken cancellation) => Change(
        id,
        (_, known) => Task.FromResult<Outcome<Pool>>(known is null ? Fault.NotFound("pool", id) : change(known)),
        cancellation);
}
