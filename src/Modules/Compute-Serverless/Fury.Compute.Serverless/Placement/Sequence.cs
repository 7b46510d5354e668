namespace Fury.Compute.Serverless.Placement;

/// <summary>Many pools planned one after the other, each on what those before it have left. Nothing of it is promised.</summary>
internal static class Sequence
{
    /// <returns>A decision for each request, in their order, and the fleet as it would be then.</returns>
    public static (IReadOnlyList<Decision> Decisions, Fleet Fleet) Plan(
        Fleet fleet, IReadOnlyList<PlacementRequest> requests, Planner planner, DateTimeOffset now)
    {
        var decisions = new Decision[requests.Count];
        for (var number = 0; number < decisions.Length; number++)
        {
            decisions[number] = planner.Plan(fleet, requests[number], now);
            fleet = Take(fleet, requests[number], decisions[number].Added);
        }

        return (decisions, fleet);
    }

    /// <summary>The fleet as it would be with these replicas promised.</summary>
    public static Fleet Take(Fleet fleet, PlacementRequest request, IReadOnlyList<Placed> added)
    {
        for (var cell = 0; cell < added.Count;)
        {
            // The cells of one cluster stand together as long as they were opened together; if not, it is taken from twice.
            var cluster = fleet.Find(added[cell].Cluster)!;
            var zones = new int[cluster.Zones.Count];
            for (; cell < added.Count && added[cell].Cluster == cluster.Name; cell++)
            {
                zones[cluster.ZoneOf(added[cell].Zone)] += added[cell].Replicas;
            }

            fleet = fleet.Promised(cluster.Name, fleet.Room(fleet.Words.Cluster(cluster.Name)).Take(request.Size, zones, out _));
        }

        return fleet;
    }
}
