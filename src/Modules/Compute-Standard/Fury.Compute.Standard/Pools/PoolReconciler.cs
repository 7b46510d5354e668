using Fury.Compute.Engines;
using Fury.Compute.Standard.Launching;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Starts a saga for every launch and termination that pools want. Deciding and starting are one transaction under the pool's lock, so
/// two passes at once cannot start anything twice.
/// </summary>
internal sealed class PoolReconciler(IPoolStore store, ILittleMonster monster, TimeProvider clock, ILogger<PoolReconciler> log) : IReconciler
{
    public const string ReconcilerName = "standard.pools";

    private const int PoolsAtOnceMax = 4;

    public string Name => ReconcilerName;

    /// <summary>Also how late a launch is that had to wait after a failure.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => true;

    public Task Pass(long fence, CancellationToken cancellation) => Backlog.WorkOff(
        () => store.Unsettled(clock.GetUtcNow(), cancellation),
        IPoolStore.UnsettledMax,
        PoolsAtOnceMax,
        async (pool, stop) => (await store.Change(pool, (tx, known) => Move(tx, known!, stop), stop)).Fault,
        (pool, fault) => log.LogWarning("Pool {Pool} could not be moved on and is tried again: {Fault}", pool, fault),
        cancellation);

    private async Task<Outcome<Pool>> Move(ITransaction tx, Pool pool, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var moves = PoolPlan.Decide(pool, now);
        foreach (var id in moves.Terminate)
        {
            var instance = Changes.Stop(pool.Find(id)!, now) with { Terminating = true };
            var input = new Termination(pool.Spec.Id, id, instance.WasReady, instance.StoppingAt!.Value);
            var started = await monster.Start<TerminateInstance, Termination>(tx, $"terminate/{id}", input, cancellation);
            if (!started.IsOk)
            {
                return started.Fault;
            }

            pool = pool.With(instance);
        }

        for (var number = 0; number < moves.Launch; number++)
        {
            var id = InstanceId.New(clock);
            var started = await monster.Start<LaunchInstance, Launch>(tx, $"launch/{id}", new(pool.Spec.Id, id), cancellation);
            if (!started.IsOk)
            {
                return started.Fault;
            }

            pool = pool with { Instances = [.. pool.Instances, Changes.NewInstance(id, started.Value.Value, now)] };
        }

        return pool;
    }
}
