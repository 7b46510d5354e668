using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Placing;

/// <summary>
/// Where new instances of a pool are asked for: spread over providers, regions and zones, in each zone the cheapest type that is there, spot as far as the
/// pool's policy says and has it. Pure.
/// </summary>
internal static class Placement
{
    /// <summary>The lots in which <paramref name="count"/> instances are asked for.</summary>
    /// <param name="present">Places of the instances that the pool keeps.</param>
    /// <param name="cells">All that would do.</param>
    /// <param name="outages">Places that have none left for now.</param>
    public static Outcome<IReadOnlyList<Lot>> Decide(
        int count, SpotPolicy spot, IReadOnlyList<Place> present, IReadOnlyList<Cell> cells, IReadOnlySet<Place> outages)
    {
        var open = CheapestOfEachZone(cells.Where(cell => !outages.Contains(cell.Place) && !outages.Contains(cell.Place.WholeRegion())));
        if (cells.Count == 0)
        {
            return Fault.Invalid("No type of instance at the pool's location has the size and the architecture that are asked for.");
        }

        var spread = new Spread(present);
        var onSpot = present.Count(place => place.Market == Market.Spot);
        var chosen = new List<Cell>();
        for (var number = 0; number < count; number++)
        {
            var wanted = WantsSpot(spot, present.Count + number, onSpot) ? Market.Spot : Market.OnDemand;
            var market = open.Where(cell => cell.Place.Market == wanted).ToList();

            // Without room as spot on demand does. What was to be on demand never becomes spot: somebody relies on it.
            var among = market.Count > 0 || wanted == Market.OnDemand ? market : open;
            if (among.Count == 0)
            {
                return NoneLeft(cells);
            }

            var cell = spread.Next(among);
            spread.Add(cell.Place);
            onSpot += cell.Place.Market == Market.Spot ? 1 : 0;
            chosen.Add(cell);
        }

        return Lots(chosen).ToList();
    }

    /// <summary>
    /// Which of the instances go when there are too many: one after the other from where most are, so that the rest stays spread; of one zone in the order
    /// in which they are given.
    /// </summary>
    public static IReadOnlyList<T> Surplus<T>(IReadOnlyList<T> all, int count, Func<T, Place> placeOf)
    {
        if (count >= all.Count)
        {
            return all;
        }

        var spread = new Spread([.. all.Select(placeOf)]);
        var zones = all.GroupBy(one => placeOf(one).InZone).Select(zone => new Queue<T>(zone)).ToList();
        var going = new List<T>();
        while (going.Count < count)
        {
            var fullest = zones.Where(zone => zone.Count > 0).MaxBy(zone => spread.At(placeOf(zone.Peek())))!;
            spread.Remove(placeOf(fullest.Peek()));
            going.Add(fullest.Dequeue());
        }

        return going;
    }

    /// <summary>Whether one more is to be spot when there are so many, so many of them on spot.</summary>
    private static bool WantsSpot(SpotPolicy policy, int all, int onSpot) => (all + 1 - policy.OnDemandBase) * policy.Percent / 100 > onSpot;

    private static List<Cell> CheapestOfEachZone(IEnumerable<Cell> cells) =>
    [
        .. from cell in cells
           group cell by (cell.Place.InZone, cell.Place.Market) into zone
           select zone.OrderBy(cell => cell.DollarsPerHour is null)
               .ThenBy(cell => cell.DollarsPerHour)
               .ThenBy(cell => cell.Size)
               .ThenBy(cell => cell.Place.Type, StringComparer.Ordinal)
               .First(),
    ];

    private static Fault NoneLeft(IReadOnlyList<Cell> cells) => new Fault(
        FaultKind.Exhausted,
        $"No place has an instance left: {string.Join(", ", cells.Select(cell => cell.Place.Zone ?? cell.Place.Region).Distinct().Take(10))}.")
        .With(Limits.Fact, Limits.Capacity);

    private static IEnumerable<Lot> Lots(IEnumerable<Cell> chosen) =>
        from cell in chosen
        group cell by cell.Place into place
        from part in place.Chunk(place.First().LotMax)
        select new Lot(place.Key, part.Length);
}
