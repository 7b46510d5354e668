using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>One look at many pools: what they have met since they began, and how they are. From two of them comes a tick.</summary>
internal sealed class Glance(
    IReadOnlyDictionary<PoolId, PoolTraffic> traffic, IReadOnlyDictionary<PoolId, PoolState> states, ILookup<PoolId, ReplicaUsage> usage)
{
    /// <summary>What the pools of a deployment have met, to be remembered.</summary>
    public IReadOnlyDictionary<PoolId, Totals> TotalsOf(IEnumerable<PoolId> pools) => pools.Distinct().ToDictionary(pool => pool, Of);

    /// <summary>
    /// What there was before a deployment's first tick: all that its candidates ever meet is evidence, of its current pools only what is to come.
    /// </summary>
    public IReadOnlyDictionary<PoolId, Totals> Beginning(DeploymentRecord record) =>
        record.Moving.Select(lane => lane.Current).OfType<PoolPlan>().ToDictionary(pool => pool.Id, pool => Of(pool.Id));

    public Tick Since(IReadOnlyDictionary<PoolId, Totals> before, DeploymentRecord record, DateTimeOffset at, TimeSpan span) => new(
        at,
        span,
        [
            .. from lane in record.Moving
               select new LaneTick(
                   $"{lane.Location}",
                   ArmOf(lane.Candidate!, before),
                   lane.Current is { } current ? ArmOf(current, before) : null),
        ])
    {
        Step = StepOf(record),
        Attempt = record.Attempt,
    };

    /// <summary>What had been met at the end of a tick.</summary>
    public static IReadOnlyDictionary<PoolId, Totals> After(IReadOnlyDictionary<PoolId, Totals> before, DeploymentRecord record, Tick tick)
    {
        var after = new Dictionary<PoolId, Totals>(before);
        foreach (var (lane, seen) in record.Moving.Zip(tick.Lanes))
        {
            Add(lane.Candidate, seen.Candidate);
            Add(lane.Current, seen.Current);
        }

        return after;

        void Add(PoolPlan? pool, Arm? arm)
        {
            if (pool is not null && arm is not null)
            {
                after[pool.Id] = (after.GetValueOrDefault(pool.Id) ?? Totals.None).Plus(arm);
            }
        }
    }

    /// <summary>Another one while the weights change than once they have spread: what a step has to show is seen with its own weights.</summary>
    private static int StepOf(DeploymentRecord record) =>
        (2 * record.Cell) + (record.Phase is DeploymentPhase.Judging or DeploymentPhase.Baking or DeploymentPhase.Held ? 1 : 0);

    private Totals Of(PoolId pool) => Totals.Of(traffic.GetValueOrDefault(pool) ?? PoolTraffic.None(pool), states.GetValueOrDefault(pool), usage[pool]);

    private Arm ArmOf(PoolPlan pool, IReadOnlyDictionary<PoolId, Totals> before)
    {
        var state = states.GetValueOrDefault(pool.Id) is { Phase: PoolPhase.Active } active ? active : null;
        double? cores = state is { Spec.Release.Size.CpuMillis: > 0 and var millis } ? millis * state.Ready / 1000.0 : null;
        return Of(pool.Id).Since(before.GetValueOrDefault(pool.Id) ?? Totals.None, state?.Ready ?? 0, cores);
    }
}
