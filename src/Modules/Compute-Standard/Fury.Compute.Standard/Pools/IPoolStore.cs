using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>Pools and their instances. Every member is atomic.</summary>
internal interface IPoolStore
{
    /// <summary>Pools that <see cref="Unsettled"/> gives at once.</summary>
    const int UnsettledMax = 200;

    /// <summary>
    /// The one way a pool changes: it is locked, changed, written where it differs, and told to others when they would see a difference,
    /// all in one transaction. A fault changes nothing. Null goes in for a pool that does not exist yet; of many who make it at once,
    /// one does, and the others change what that one made.
    /// </summary>
    Task<Outcome<Pool>> Change(PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation);

    Task<Pool?> Find(PoolId id, CancellationToken cancellation);

    /// <summary>Those of the pools that exist, by id.</summary>
    Task<IReadOnlyList<Pool>> Find(IReadOnlyCollection<PoolId> ids, CancellationToken cancellation);

    Task<Instance?> FindInstance(InstanceId id, CancellationToken cancellation);

    /// <summary>Pools of the scope that are not retired, oldest first.</summary>
    Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation);

    /// <summary>At most <see cref="UnsettledMax"/> pools that the reconciler has work for now.</summary>
    Task<IReadOnlyList<PoolId>> Unsettled(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Instances with their pools that only this host sees: it has launched them, or is to launch them.</summary>
    Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> OfNode(string node, CancellationToken cancellation);

    /// <summary>Instances of the lot that are on record, by id.</summary>
    Task<IReadOnlyList<Instance>> FindLot(Guid lot, CancellationToken cancellation);

    /// <summary>The pool that the lot was asked for; null when nothing of it is on record any more.</summary>
    Task<PoolId?> PoolOfLot(Guid lot, CancellationToken cancellation);

    /// <summary>Instances with their pools that a provider which all hosts share has given in the region.</summary>
    Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> Shared(string provider, string region, CancellationToken cancellation);

    /// <summary>Those of the providers' ids that are on record, and those of the lots, as text, that still wait for their provider's answer.</summary>
    Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> providerIds, IReadOnlyCollection<Guid> lots, CancellationToken cancellation);

    /// <summary>Notes by the database's clock that this host looks after its instances now.</summary>
    Task Alive(string node, CancellationToken cancellation);

    /// <summary>Hosts other than <paramref name="but"/> that have instances and have not been alive for so long, with when they last were.</summary>
    Task<IReadOnlyDictionary<string, DateTime>> SilentNodes(string but, TimeSpan silence, CancellationToken cancellation);

    /// <summary>
    /// Changes a pool that exists, in one transaction with what else comes for it at the moment. <see cref="FaultKind.NotFound"/> when it does not exist.
    /// </summary>
    /// <param name="change">Pure, and quick.</param>
    Task<Outcome<Pool>> Change(PoolId id, Func<Pool, Pool> change, CancellationToken cancellation) => Change(
        id,
        (_, known) => Task.FromResult<Outcome<Pool>>(known is null ? Fault.NotFound("pool", id) : change(known)),
        cancellation);
}
