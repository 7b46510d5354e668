using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Standard.Tests;

/// <summary>The store for sagas that run in memory.</summary>
internal sealed class InMemoryPools : IPoolStore
{
    private readonly Dictionary<PoolId, Pool> _pools = [];

    public Pool this[PoolId id]
    {
        get => _pools[id];
        set => _pools[id] = value;
    }

    public async Task<Outcome<Pool>> Change(
        PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation)
    {
        var outcome = await change(null!, _pools.GetValueOrDefault(id));
        return outcome.IsOk ? _pools[id] = outcome.Value : outcome;
    }

    public Task<Pool?> Find(PoolId id, CancellationToken cancellation) => Task.FromResult(_pools.GetValueOrDefault(id));

    public Task<IReadOnlyList<Pool>> Find(IReadOnlyCollection<PoolId> ids, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Instance?> FindInstance(InstanceId id, CancellationToken cancellation) =>
        Task.FromResult(_pools.Values.Select(pool => pool.Find(id)).FirstOrDefault(instance => instance is not null));

    public Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<PoolId>> Unsettled(DateTimeOffset now, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> OfNode(string node, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<Instance>> FindLot(Guid lot, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Instance>>([.. _pools.Values.SelectMany(pool => pool.Lot(lot))]);

    public Task<PoolId?> PoolOfLot(Guid lot, CancellationToken cancellation) =>
        Task.FromResult(_pools.Values.FirstOrDefault(pool => pool.Lot(lot).Any())?.Spec.Id);

    public Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> Shared(string provider, string region, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlySet<string>> Known(
        IReadOnlyCollection<string> providerIds, IReadOnlyCollection<Guid> lots, CancellationToken cancellation) => throw new NotSupportedException();

    public Task Alive(string node, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, DateTime>> SilentNodes(string but, TimeSpan silence, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
