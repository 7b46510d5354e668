using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>One look at many pools: what they have met since they began, and how they are. From two of them comes a tick.</summary>
/// <param name="sightings">Null where no source of metrics is asked.</param>
internal sealed class Glance(
    IReadOnlyDictionary<PoolId, PoolTraffic> traffic,
    IReadOnlyDictionary<PoolId, PoolState> states,
    ILookup<PoolId, ReplicaUsage> usage,
    Sightings? sightings = null)
{
    private readonly Sightings _sightings = sightings ?? Sightings.None;

    /// <summary>What the pools of a deployment have met, to be remembered.</summary>
    public IReadOnlyDictionary<PoolId, Totals> TotalsOf(DeploymentRecord record, IReadOnlyDictionary<PoolId, Totals> before) =>
        record.Moving.SelectMany(lane => lane.Pools).Select(pool => pool.Id).Distinct()
            .ToDictionary(pool => pool, pool => Of(pool) with { Metrics = MetricsOf(record.Policy, pool, before.GetValueOrDefault(pool)) });

    /// <summary>
    /// What there was before a deployment's first tick: all that its candidates ever meet is evidence, of its current pools only what is to come.
    /// </summary>
    public IReadOnlyDictionary<PoolId, Totals> Beginning(DeploymentRecord record) =>
        record.Moving.SelectMany(lane => lane.Pools.Select(pool => (pool.Id, IsCurrent: pool == lane.Current))).DistinctBy(pool => pool.Id).ToDictionary(
            pool => pool.Id,
            pool => (pool.IsCurrent ? Of(pool.Id) : Totals.None) with { Metrics = MetricsOf(record.Policy, pool.Id, null) });

    public Tick Since(IReadOnlyDictionary<PoolId, Totals> before, DeploymentRecord record, DateTimeOffset at, TimeSpan span) => new(
        at,
        span,
        [
            .. from lane in record.Moving
               select new LaneTick(
                   $"{lane.Location}",
                   ArmOf(record.Policy, lane.Candidate!, before),
                   lane.Current is { } current ? ArmOf(record.Policy, current, before) : null),
        ])
    {
        Step = StepOf(record),
        Dark = DarkOf(record),
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

    private Arm ArmOf(Policy policy, PoolPlan pool, IReadOnlyDictionary<PoolId, Totals> before)
    {
        var state = states.GetValueOrDefault(pool.Id) is { Phase: PoolPhase.Active } active ? active : null;
        double? cores = state is { Spec.Release.Size.CpuMillis: > 0 and var millis } ? millis * state.Ready / 1000.0 : null;
        var then = before.GetValueOrDefault(pool.Id) ?? Totals.None;
        List<Reading> readings = [.. policy.Metrics.Select(metric => Since(metric, pool.Id, then).Reading).OfType<Reading>()];
        return Of(pool.Id).Since(then, state?.Ready ?? 0, cores) with { Readings = readings.Count == 0 ? null : readings };
    }

    private Dictionary<string, MetricTotals>? MetricsOf(Policy policy, PoolId pool, Totals? before)
    {
        if (policy.Metrics.Count == 0)
        {
            return null;
        }

        var counted = from metric in policy.Metrics
                      let after = Since(metric, pool, before).After
                      where after is not null
                      select (metric.Name, after);
        return counted.ToDictionary(one => one.Name, one => one.after);
    }

    private (Reading? Reading, MetricTotals? After) Since(MetricPolicy metric, PoolId pool, Totals? before) =>
        MetricTotals.Since(before?.Metrics?.GetValueOrDefault(metric.Name), metric.Name, metric.Kind == MetricKind.Value, _sightings.Of(metric, pool));

    private Dictionary<string, string>? DarkOf(DeploymentRecord record)
    {
        var faults = from metric in record.Policy.Metrics
                     from pool in record.Moving.SelectMany(lane => lane.Pools)
                     let why = _sightings.Of(metric, pool.Id)?.Fault?.Message
                     where why is not null
                     select (metric.Name, why);
        var dark = faults.DistinctBy(fault => fault.Name).ToDictionary(fault => fault.Name, fault => fault.why);
        return dark.Count == 0 ? null : dark;
    }
}
