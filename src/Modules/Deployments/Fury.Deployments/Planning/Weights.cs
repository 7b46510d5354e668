using Fury.Mesh.Contracts;

namespace Fury.Deployments.Planning;

/// <summary>What a plan's cells mean for tables and for replicas. Pure.</summary>
internal static class Weights
{
    /// <summary>A candidate has so many replicas at least, where its whole size allows it: one sick replica must be told from a bad release.</summary>
    public const int JudgedReplicasMin = 2;

    /// <summary>The candidate's percent of a lane once cell <paramref name="cell"/> is published; the last cell that names the lane says it.</summary>
    public static decimal Of(IReadOnlyList<Lane> lanes, IReadOnlyList<Cell> cells, int cell, int lane) =>
        lanes[lane] is { IsBarred: true } or { Candidate: null } ? 0 : Last(cells, cell, lane)?.Weight ?? 0;

    /// <summary>
    /// The table of a cell. Every lane keeps its share: what the candidate does not get is the current pool's. Pools without weight are in it too, as the
    /// proxies' fallback, once their lane was named.
    /// </summary>
    public static IReadOnlyList<PoolWeight> At(IReadOnlyList<Lane> lanes, IReadOnlyList<Cell> cells, int cell) =>
        Table(lanes, lane => (Of(lanes, cells, cell, lane), Last(cells, cell, lane) is not null));

    /// <summary>The table on the way back: every lane's current pool has all of its share, but where the candidate is kept.</summary>
    /// <param name="isKnown">Whether the candidate stays in the table as a fallback; it is not made known to proxies that never heard of it.</param>
    public static IReadOnlyList<PoolWeight> Back(IReadOnlyList<Lane> lanes, Func<PoolPlan, bool> isKnown) =>
        [.. Table(lanes, lane => (lanes[lane].IsKept ? 100 : 0, lanes[lane] is { Candidate: { } pool } && isKnown(pool)))];

    /// <summary>The table with one pool for each lane.</summary>
    public static IReadOnlyList<PoolWeight> Alone(IEnumerable<PoolPlan> pools) => [.. pools.Select(pool => new PoolWeight(pool.Id, pool.Share))];

    /// <summary>How many replicas of a pool carry a percent of its location's traffic.</summary>
    /// <param name="pool">Its replicas carry all of it.</param>
    public static int Replicas(PoolPlan pool, decimal percent, int headroomPercent)
    {
        var needed = percent >= 100 ? pool.Replicas : (int)Math.Ceiling(pool.Replicas * percent / 100 * (100 + headroomPercent) / 100);
        return Math.Clamp(needed, Math.Min(JudgedReplicasMin, pool.Replicas), pool.Replicas);
    }

    /// <summary>How many ready replicas the lane's candidate needs for cell <paramref name="cell"/>; 0 before it is named.</summary>
    public static int Replicas(IReadOnlyList<Lane> lanes, IReadOnlyList<Cell> cells, int cell, int lane, int headroomPercent) =>
        lanes[lane] is { IsBarred: false, Candidate: { } pool } && Last(cells, cell, lane) is { } named
            ? Math.Max(Math.Min(lanes[lane].AtLeast, pool.Replicas), Replicas(pool, Math.Max(named.Capacity, named.Weight), headroomPercent))
            : 0;

    /// <summary>To the hundredth of a percent, and never nothing of something.</summary>
    private static decimal PartOf(decimal share, decimal percent) =>
        percent == 0 ? 0 : Math.Max(0.01m, Math.Round(share * percent / 100, 2, MidpointRounding.AwayFromZero));

    private static Cell? Last(IReadOnlyList<Cell> cells, int cell, int lane) =>
        cells.Take(cell + 1).LastOrDefault(one => one.Lanes.Contains(lane));

    private static List<PoolWeight> Table(IReadOnlyList<Lane> lanes, Func<int, (decimal Weight, bool IsKnown)> of)
    {
        List<PoolWeight> table = [];
        for (var index = 0; index < lanes.Count; index++)
        {
            var (lane, (weight, isKnown)) = (lanes[index], of(index));
            var candidate = lane.Current is null ? lane.Share : PartOf(lane.Share, weight);
            if (lane.Candidate is { } next && (isKnown || candidate > 0))
            {
                table.Add(new(next.Id, candidate));
            }

            if (lane.Current is { } current)
            {
                table.Add(new(current.Id, lane.Share - candidate));
            }
        }

        return table;
    }
}
