using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;

namespace Fury.Compute.Serverless.Evacuation;

/// <summary>Where a pool of the cluster is to go.</summary>
/// <param name="Request">The pool's own wish, with the cluster among those that it leaves.</param>
internal sealed record PlannedMove(PlacementRequest Request, Decision Decision);

/// <summary>What would become of everything that a cluster runs. A plan: nothing is promised and nothing is removed by it.</summary>
/// <param name="Moves">The most critical first, each planned on what those before it leave.</param>
internal sealed record EvacuationPlan(string Cluster, IReadOnlyList<PlannedMove> Moves)
{
    /// <summary>Pools of which not everything has a place; what has none stays where it is.</summary>
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

    /// <param name="pools">What each pool with replicas in the cluster wishes, and what it has everywhere.</param>
    public static EvacuationPlan Of(
        string cluster, IReadOnlyList<PlacementRequest> pools, Fleet fleet, Planner planner, DateTimeOffset now)
    {
        List<PlacementRequest> ordered =
        [
            .. pools
                .OrderByDescending(pool => pool.Criticality)
                .ThenByDescending(pool => pool.Replicas)
                .ThenBy(pool => pool.Pool.Value)
                .Select(pool => pool with { Leaving = [.. pool.Leaving.Append(cluster).Distinct()] }),
        ];
        var (decisions, _) = Sequence.Plan(fleet, ordered, planner, now);
        return new(cluster, [.. ordered.Zip(decisions, (request, decision) => new PlannedMove(request, decision))]);
    }
}
