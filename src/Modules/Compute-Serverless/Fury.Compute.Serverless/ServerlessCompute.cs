using System.Runtime.CompilerServices;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Usage;
using Fury.Kernel;

namespace Fury.Compute.Serverless;

/// <summary>The engine's face: records wishes and answers what is on record. The reconciler, woken by each commit, does the rest.</summary>
internal sealed class ServerlessCompute(
    IPoolStore store, ClusterStore registry, PoolMover mover, UsageReader usage, IClusterApi clusters, TimeProvider clock) : IComputeEngine
{
    public ComputeKind Kind => ComputeKind.Serverless;

    public async Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) =>
        [.. (await Places(cancellation)).OrderBy(location => $"{location}", StringComparer.Ordinal)];

    public async Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) =>
        Wishes.Check(pool) is { } bad ? bad
        : !(await Places(cancellation)).Contains(pool.Location) ? Unknown(pool.Location)
        : await Change(pool.Id, known => Wishes.Ensure(known, pool), cancellation);

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Change(pool, known => Wishes.SetFloor(known, pool, floor), cancellation);

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) =>
        Change(pool, known => Wishes.Retire(known, pool), cancellation);

    public async Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) =>
        (await mover.Replace(pool, replica, cancellation)).Then<PoolState>(known => known.ToState());

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

    private async Task<HashSet<Location>> Places(CancellationToken cancellation) =>
        [.. (await registry.List(cancellation)).SelectMany(one => Settling.LocationsOf(one.Cluster))];

    private static Fault Unknown(Location location) =>
        Fault.Invalid("location", location, "a provider and region with a registered cluster; 'fury cluster list' names them");

    private async Task<Outcome<PoolState>> Change(PoolId id, Func<Pool?, Outcome<Pool>> wish, CancellationToken cancellation) =>
        (await store.Change(id, (_, known) => Task.FromResult(wish(known)), cancellation)).Then<PoolState>(pool => pool.ToState());

    private async Task<IEnumerable<ReplicaLines>> Readers(PoolId id, int tail, bool follow, CancellationToken cancellation) =>
        from replica in (await store.Find(id, cancellation))?.Replicas ?? []
        select new ReplicaLines(replica.Id, stop => Lines(id, replica, tail, follow, stop));

    private async IAsyncEnumerable<LogLine> Lines(
        PoolId id, SeenReplica replica, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var log = await clusters.Logs(ClusterName.Parse(replica.Cluster), replica.Name, tail, follow, cancellation);
        if (log.IsOk)
        {
            await foreach (var line in log.Value.Lines.WithCancellation(cancellation))
            {
                yield return new(id, replica.Id, line.At, line.Text);
            }
        }
    }
}
