using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Placement;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Pools;

/// <summary>
/// Gives each pool that wants something its places, and starts the sagas that ask clusters for them: the pool and its sagas in one transaction. On one
/// host at a time, since there is one who promises room.
/// </summary>
internal sealed class PoolReconciler(
    IPoolStore store, PlacementDesk desk, ILittleMonster monster, TimeProvider clock, ILogger<PoolReconciler> log) : IReconciler
{
    public const string ReconcilerName = "serverless.pools";

    private const int PoolsAtOnceMax = 16;

    public string Name => ReconcilerName;

    /// <summary>Also how late replicas are placed that had to wait.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var placer = await desk.Open(fence, cancellation);
        await new Evacuator(store, this, placer, log).Pass(desk.Due, cancellation);
        IReadOnlyList<Pool> pools;
        do
        {
            pools = await store.Unsettled(clock.GetUtcNow(), cancellation);
            var settled = 0;
            await Parallel.ForEachAsync(
                pools,
                new ParallelOptions { MaxDegreeOfParallelism = PoolsAtOnceMax, CancellationToken = cancellation },
                async (pool, cancel) =>
                {
                    var outcome = pool.Phase == PoolPhase.Active ? await Place(placer, pool, cancel) : await LetGo(placer, pool, cancel);
                    if (outcome.IsOk)
                    {
                        Interlocked.Increment(ref settled);
                    }
                    else if (outcome.Fault.Kind != FaultKind.Stale)
                    {
                        log.LogWarning("Pool {Pool} could not be moved on and is tried again: {Fault}", pool.Spec.Id, outcome.Fault);
                    }
                });
            if (settled == 0)
            {
                return;
            }
        }
        while (pools.Count == IPoolStore.UnsettledMax);
    }

    /// <param name="leaving">Clusters that it is to leave. Then it moves only when all of it has a place elsewhere.</param>
    internal async Task<Outcome<Pool>> Place(Placer placer, Pool pool, CancellationToken cancellation, params string[] leaving)
    {
        var decided = await placer.Place(Settling.RequestOf(pool, leaving), cancellation);
        if (decided is { IsOk: true, Value: { Pending: > 0 } stuck } && leaving.Length > 0)
        {
            return new Fault(FaultKind.Exhausted, stuck.Explain());
        }

        return await decided.Then(decision => Move(pool, known => Settling.Settle(known, decision, clock.GetUtcNow(), leaving), cancellation));
    }

    private async Task<Outcome<Pool>> LetGo(Placer placer, Pool pool, CancellationToken cancellation)
    {
        var retired = await placer.Retire(pool.Spec.Id, cancellation);
        return await retired.Then(_ => Move(pool, Settling.LetGo, cancellation));
    }

    /// <summary>Not for a pool whose wish has changed since it was read: that one is looked at again.</summary>
    internal Task<Outcome<Pool>> Move(
        Pool read, Func<Pool, (Pool Pool, IReadOnlyList<ShareMove> Moves)> decide, CancellationToken cancellation) => store.Change(
        read.Spec.Id,
        async (tx, known) =>
        {
            if (known is null || known.Wish != read.Wish || known.Phase != read.Phase)
            {
                return Fault.Stale($"Pool '{read.Spec.Id}' has changed meanwhile.");
            }

            var (pool, moves) = decide(known);
            foreach (var move in moves)
            {
                var order = new ShareOrder(pool.Spec.Id, move.Cluster, pool.Wish);
                var started = move is ShareMove.Apply
                    ? await monster.Start<ApplyShare, ShareOrder>(tx, $"apply/{order.Key}/{Stamp(pool)}", order, cancellation)
                    : await monster.Start<RemoveShare, ShareOrder>(tx, $"remove/{order.Key}/{Stamp(pool)}", order, cancellation);
                if (!started.IsOk)
                {
                    return started.Fault;
                }
            }

            return pool;
        },
        cancellation);

    /// <summary>Each time that a pool is placed is another question to its clusters, also under the same wish.</summary>
    private string Stamp(Pool pool) => $"{pool.Wish}/{clock.GetUtcNow().UtcTicks}";
}
