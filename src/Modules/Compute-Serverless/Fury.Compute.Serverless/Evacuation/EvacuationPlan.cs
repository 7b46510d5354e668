using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;

namespace Fury.Compute.Serverless.Evacuation;

/// <summary>Where a pool is to go.</summary>
/// <param name="Request">The pool's own wish, with the clusters that it leaves.</param>
internal sealed record PlannedMove(PlacementRequest Request, Decision Decision);

/// <summary>What would become of what some clusters run. A plan: nothing is promised and nothing is removed by it.</summary>
/// <param name="Moves">The most critical first, each planned on what those before it leave.</param>
internal sealed record EvacuationPlan(IReadOnlyList<PlannedMove> Moves)
{
    /// <summary>Pools of which not everything has a place. These stay where they are.</summary>
    public IEnumerable<PlannedMove> Pending => Moves.Where(move => move.Decision.Pending > 0);

    /// <summary>
    /// A dead cluster is evacuated, and one that drains. A frozen one never: its replicas serve, and what cannot be asked cannot be replaced
    /// without doubling it.
    /// </summary>
    public static bool IsDue(Cluster cluster, HealthPhase health) => health switch
    {
        HealthPhase.Dead => true,
        HealthPhase.Healthy => cluster.Phase == ClusterPhase.Draining,
        _ => false,
    };

    /// <param name="pools">What each pool wishes that has replicas in clusters that are to be left, and what it has everywhere.</param>
    public static EvacuationPlan Of(IEnumerable<PlacementRequest> pools, Fleet fleet, Planner planner, DateTimeOffset now)
    {
        List<PlacementRequest> ordered =
            [.. pools.OrderByDescending(pool => pool.Criticality).ThenByDescending(pool => pool.Replicas).ThenBy(pool => pool.Pool.Value)];
        var (decisions, _) = Sequence.Plan(fleet, ordered, planner, now);
        return new([.. ordered.Zip(decisions, (request, decision) => new PlannedMove(request, decision))]);
    }
}
