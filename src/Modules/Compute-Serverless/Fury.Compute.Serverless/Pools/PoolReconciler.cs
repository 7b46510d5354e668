using Fury.Compute.Contracts;
using Fury.Compute.Engines;
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

    private Task Settle(Placer placer, CancellationToken cancellation) => Backlog.WorkOff(
        () => store.Unsettled(clock.GetUtcNow(), cancellation),
        IPoolStore.UnsettledMax,
        PoolsAtOnceMax,
        async (pool, stop) => (pool.Phase == PoolPhase.Active ? await mover.Place(placer, pool, stop) : await mover.LetGo(placer, pool, stop)).Fault,
        (pool, fault) =>
        {
            if (fault.Kind != FaultKind.Stale)
            {
                log.LogWarning("Pool {Pool} could not be moved on and is tried again: {Fault}", pool.Spec.Id, fault);
            }
        },
        cancellation);
}
