using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Evacuation;

/// <summary>A pool on its way out of a cluster.</summary>
/// <param name="Source">Replicas that it still has in the cluster, whether they serve or not.</param>
/// <param name="Keep">Of these, how many have no successor, as no destination has room; counted when the destinations were found, since
/// <paramref name="Source"/> is fewer with each removal.</param>
/// <param name="Destinations">Where its successors have promised room; empty while they have none.</param>
/// <param name="Dispatched">The destinations were asked to start them.</param>
/// <param name="Ready">Successors that are ready now.</param>
/// <param name="Failed">Successors that could not be started.</param>
internal sealed record EvacuatingPool(
    PoolId Pool, Criticality Criticality, int Source, int Keep, IReadOnlyList<Placed> Destinations, bool Dispatched, int Ready, int Failed)
{
    public int Successors => Destinations.Sum(one => one.Replicas);

    public int InFlight => Dispatched ? Math.Max(0, Successors - Ready) : 0;
}

/// <summary>What is to be done next. The list is closed.</summary>
internal abstract record EvacuationMove(PoolId Pool)
{
    /// <summary>Start the successors where they have room.</summary>
    internal sealed record Dispatch(PoolId Pool, IReadOnlyList<Placed> Destinations) : EvacuationMove(Pool);

    /// <summary>The cluster may let go of the pool but for so many replicas, whose successors have no room.</summary>
    internal sealed record Remove(PoolId Pool, int Keep) : EvacuationMove(Pool);
}

/// <summary>
/// The pace of an evacuation. As many successors are under way in a destination as have become ready there, and a few to begin with: what the
/// destinations can do is measured and not set. And nothing is removed before all of its successors are ready.
/// </summary>
internal static class EvacuationSteps
{
    /// <summary>Under way in a destination that has not shown yet what it can do.</summary>
    public const int WindowMin = 16;

    /// <summary>No destination is asked for more at once, however well it goes: its registry and its control plane have others to serve.</summary>
    public const int WindowMax = 500;

    /// <summary>A successor that cannot be started takes back as much as so many that are ready have given.</summary>
    public const int FailureCost = 8;

    /// <param name="isDue">Whether the cluster is still to be left. When it is not, what is under way is finished and nothing else begun.</param>
    public static IReadOnlyList<EvacuationMove> Next(IReadOnlyList<EvacuatingPool> pools, bool isDue)
    {
        List<EvacuationMove> moves = [];
        foreach (var pool in pools)
        {
            if (pool is { Dispatched: true, Successors: > 0 } && pool.Ready >= pool.Successors && pool.Source > pool.Keep)
            {
                moves.Add(new EvacuationMove.Remove(pool.Pool, pool.Keep));
            }
        }

        if (isDue)
        {
            Dispatch(pools, moves);
        }

        return moves;
    }

    /// <summary>How many successors may be under way in a destination at once.</summary>
    public static int Window(int ready, int failed) =>
        (int)Math.Clamp(WindowMin + (long)ready - ((long)failed * FailureCost), WindowMin, WindowMax);

    private static void Dispatch(IReadOnlyList<EvacuatingPool> pools, List<EvacuationMove> moves)
    {
        var left = Windows(pools);
        HashSet<string> blocked = [];
        foreach (var pool in pools
            .Where(pool => pool is { Dispatched: false, Destinations.Count: > 0 })
            .OrderByDescending(pool => pool.Criticality)
            .ThenBy(pool => pool.Pool.Value))
        {
            // The last may go over the window by what is left of itself; else a pool that is larger than the window would never go.
            if (pool.Destinations.All(one => !blocked.Contains(one.Cluster) && left[one.Cluster] > 0))
            {
                moves.Add(new EvacuationMove.Dispatch(pool.Pool, pool.Destinations));
                foreach (var one in pool.Destinations)
                {
                    left[one.Cluster] -= one.Replicas;
                }
            }
            else
            {
                // What is less critical does not overtake it where it waits.
                blocked.UnionWith(pool.Destinations.Select(one => one.Cluster));
            }
        }
    }

    /// <summary>What each destination can take now. A pool in several counts in each by its share.</summary>
    private static Dictionary<string, int> Windows(IReadOnlyList<EvacuatingPool> pools)
    {
        Dictionary<string, (int Ready, int Failed, int InFlight)> seen = [];
        foreach (var pool in pools)
        {
            foreach (var one in pool.Destinations)
            {
                var (ready, failed, inFlight) = seen.GetValueOrDefault(one.Cluster);
                seen[one.Cluster] = (
                    ready + Share(pool.Ready, one, pool), failed + Share(pool.Failed, one, pool), inFlight + Share(pool.InFlight, one, pool));
            }
        }

        return seen.ToDictionary(one => one.Key, one => Window(one.Value.Ready, one.Value.Failed) - one.Value.InFlight);
    }

    private static int Share(int count, Placed one, EvacuatingPool pool) => (int)((long)count * one.Replicas / Math.Max(1, pool.Successors));
}
