using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Placement;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Pools;

/// <summary>
/// Sees to it that each pool, and each run of a job, that wants something gets its places, or is let go. On one host at a time, since there is one who
/// promises room.
/// </summary>
internal sealed class PoolReconciler(
    IPoolStore store,
    PlacementDesk desk,
    PoolMover mover,
    Evacuator evacuator,
    RunPlacer runs,
    TimeProvider clock,
    ILogger<PoolReconciler> log) : IReconciler
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
        await evacuator.Pass(placer, desk.Due, cancellation);
        await Settle(placer, cancellation);
        await runs.Pass(placer, desk.Dead, cancellation);
    }

    private async Task Settle(Placer placer, CancellationToken cancellation)
    {
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
                    var outcome = pool.Phase == PoolPhase.Active
                        ? await mover.Place(placer, pool, cancel)
                        : await mover.LetGo(placer, pool, cancel);
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
}
