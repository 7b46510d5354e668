using Fury.Compute.Engines;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Placing;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Starts a saga for every lot and termination that pools want. Deciding and starting are one transaction under the pool's lock, so
/// two passes at once cannot start anything twice.
/// </summary>
internal sealed class PoolReconciler(
    IPoolStore store, Cells cells, IOutageStore outages, ILittleMonster monster, TimeProvider clock, ILogger<PoolReconciler> log) : IReconciler
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
        Move,
        (pool, fault) => log.LogWarning("Pool {Pool} could not be moved on and is tried again: {Fault}", pool, fault),
        cancellation);

    private async Task<Fault?> Move(PoolId id, CancellationToken cancellation)
    {
        if (await store.Find(id, cancellation) is not { } pool)
        {
            return null;
        }

        // What there is to choose from is asked for before the pool is locked: clouds take their time.
        var choice = PoolPlan.Decide(pool, clock.GetUtcNow()).Launch > 0 ? await cells.Of(pool.Spec, cancellation) : new List<Cell>();
        var left = await outages.Now(cancellation);
        return (await store.Change(id, (tx, known) => Move(tx, known!, choice, left, cancellation), cancellation)).Fault;
    }

    private async Task<Outcome<Pool>> Move(
        ITransaction tx, Pool pool, Outcome<IReadOnlyList<Cell>> choice, IReadOnlySet<Place> left, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var moves = PoolPlan.Decide(pool, now);
        var ended = await Terminate(tx, pool, moves.Terminate, now, cancellation);
        if (!ended.IsOk || moves.Launch == 0)
        {
            return ended;
        }

        var kept = ended.Value.Instances.Where(instance => instance.IsKept).Select(instance => instance.Place).ToList();
        var lots = choice.Then(found => Placement.Decide(moves.Launch, pool.Spec.Spot, kept, found, left));
        return lots.IsOk ? await Launch(tx, ended.Value, lots.Value, now, cancellation) : Changes.LaunchFailed(ended.Value, lots.Fault, now);
    }

    private async Task<Outcome<Pool>> Terminate(
        ITransaction tx, Pool pool, IReadOnlyList<InstanceId> ids, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var id in ids)
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

        return pool;
    }

    private async Task<Outcome<Pool>> Launch(ITransaction tx, Pool pool, IReadOnlyList<Lot> lots, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var (place, count) in lots)
        {
            var input = new Launch(
                pool.Spec.Id, Guid.CreateVersion7(now), place, [.. Enumerable.Range(0, count).Select(_ => InstanceId.New(clock))]);
            var started = await monster.Start<LaunchLot, Launch>(tx, $"launch/{input.Lot}", input, cancellation);
            if (!started.IsOk)
            {
                return started.Fault;
            }

            var launched = input.Instances.Select(id => Changes.NewInstance(id, input.Lot, place, started.Value.Value, now));
            pool = pool with { Instances = [.. pool.Instances, .. launched] };
        }

        return pool;
    }
}
