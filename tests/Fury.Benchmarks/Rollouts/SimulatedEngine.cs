using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fury.Compute.Contracts;
using Fury.Deployments.Planning;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Benchmarks.Rollouts;

/// <summary>
/// Pools whose replicas are ready at once, and that tell so as all engines do. A replica's id follows from its pool's, so that it is the same after a restart.
/// </summary>
internal sealed class SimulatedEngine(IDatabase database) : IComputeEngine
{
    private const double CpuShare = 0.3;

    private readonly ConcurrentDictionary<PoolId, PoolState> _pools = [];

    public ComputeKind Kind => ComputeKind.Standard;

    public Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Location>>([Planner.FirstLocation]);

    public Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) => Tell(Put(pool));

    public async Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Find(pool) is { } known ? await Tell(Put(known.Spec with { Floor = floor })) : Fault.NotFound("pool", pool);

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation)
    {
        var known = Find(pool);
        return Tell(_pools[pool] = new(known?.Spec ?? PoolSpec.Unknown(pool), PoolPhase.Retired, [], (known?.Revision ?? 0) + 1));
    }

    public Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) => Describe(pool, cancellation);

    public Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation) =>
        Task.FromResult<Outcome<PoolState>>(Find(pool) is { } known ? known : Fault.NotFound("pool", pool));

    public Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PoolState>>([.. pools.Select(Find).OfType<PoolState>()]);

    public Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        var seconds = Environment.TickCount64 / 1000.0 * CpuShare;
        return Task.FromResult<IReadOnlyList<ReplicaUsage>>(
        [
            .. from pool in pools.Select(Find).OfType<PoolState>()
               from replica in pool.Replicas
               select new ReplicaUsage(pool.Id, replica.Id, seconds, 1 << 20, 0),
        ]);
    }

    public Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PoolState>>([.. _pools.Values.Where(pool => pool.Spec.Release.Scope == scope)]);

    public async IAsyncEnumerable<LogLine> Logs(PoolId pool, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public PoolState? Find(PoolId pool) => _pools.GetValueOrDefault(pool);

    /// <summary>Known without being told, as after a restart.</summary>
    public PoolState Put(PoolSpec pool)
    {
        var replicas = Math.Max(pool.Replicas, pool.Floor);
        return _pools[pool.Id] = new(
            pool with { Replicas = replicas },
            PoolPhase.Active,
            [.. Enumerable.Range(0, replicas).Select(number => new ReplicaState(IdOf(pool.Id, number), ReplicaPhase.Ready, "127.0.0.1", 1, 0, null))],
            (Find(pool.Id)?.Revision ?? 0) + 1);
    }

    private Task<Outcome<PoolState>> Tell(PoolState pool) => database.Transaction<PoolState>(
        async transaction =>
        {
            await transaction.Tell(new PoolChanged(pool), default);
            return pool;
        },
        default);

    private static InstanceId IdOf(PoolId pool, int number)
    {
        var bytes = pool.Value.ToByteArray();
        bytes[15] ^= (byte)(number + 1);
        return new(new Guid(bytes));
    }
}
