using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Kernel;

namespace Fury.Compute.Standard;

/// <summary>The engine's face: records wishes and answers what is on record. The reconciler, woken by each commit, does the rest.</summary>
internal sealed class StandardCompute(IPoolStore store, InstanceProviders providers, UsageReader usage, TimeProvider clock) : IComputeEngine
{
    public ComputeKind Kind => ComputeKind.Standard;

    public Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) => Task.FromResult(providers.Locations);

    public async Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) =>
        Wishes.Check(pool) is { } bad ? bad
        : providers.Sites(pool.Location).Count == 0 ? providers.Unknown(pool.Location)
        : await Change(pool.Id, known => Wishes.Ensure(known, pool), cancellation);

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Change(pool, known => Wishes.SetFloor(known, pool, floor), cancellation);

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) =>
        Change(pool, known => Wishes.Retire(known, pool, clock.GetUtcNow()), cancellation);

    public Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) =>
        Change(pool, known => Wishes.Replace(known, pool, replica, clock.GetUtcNow()), cancellation);

    public async Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation) =>
        await store.Find(pool, cancellation) is { } known ? known.ToState() : Fault.NotFound("pool", pool);

    public async Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        [.. (await store.Find(PoolWishes.NotTooMany(pools), cancellation)).Select(pool => pool.ToState())];

    public Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        usage.Read(PoolWishes.NotTooMany(pools), cancellation);

    public async Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation) =>
        [.. (await store.List(scope, cancellation)).Select(pool => pool.ToState())];

    public IAsyncEnumerable<LogLine> Logs(PoolId pool, int tail, bool follow, CancellationToken cancellation) =>
        PoolLines.Read(stop => Readers(pool, tail, follow, stop), follow, clock, cancellation);

    private async Task<Outcome<PoolState>> Change(PoolId id, Func<Pool?, Outcome<Pool>> wish, CancellationToken cancellation) =>
        (await store.Change(id, (_, known) => Task.FromResult(wish(known)), cancellation)).Then<PoolState>(pool => pool.ToState());

    private async Task<IEnumerable<ReplicaLines>> Readers(PoolId id, int tail, bool follow, CancellationToken cancellation) =>
        await store.Find(id, cancellation) is { } pool
            ? from instance in pool.Instances
              let provider = providers.Of(instance.Place)
              where provider is not null && instance.ProviderId is not null
              select new ReplicaLines(
                  instance.Id,
                  stop => provider.Logs(instance.ProviderId!, tail, follow, stop).Select(line => new LogLine(id, instance.Id, line.At, line.Text)))
            : [];
}
