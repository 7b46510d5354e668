using Fury.Compute.Standard.Placing;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Tests;

/// <summary>Where instances are asked for, and which go: pure.</summary>
public sealed class PlacementTests
{
    private static readonly HashSet<Place> NoOutage = [];

    private static readonly IReadOnlyList<Cell> Cells =
    [
        .. from site in new[] { ("aws", "us-east-1"), ("aws", "us-west-2"), ("gcp", "us-east4") }
           from zone in new[] { "a", "b" }
           from type in new[] { ("small", 0.01m), ("large", 0.04m) }
           from market in Enum.GetValues<Market>()
           select new Cell(
               new(site.Item1, site.Item2, zone, type.Item1, market), market == Market.Spot ? type.Item2 / 3 : type.Item2, Size: 1000, LotMax: 4),
    ];

    [Fact]
    public void Instances_are_spread_over_providers_and_then_regions_and_then_zones_each_of_the_cheapest_type()
    {
        var lots = Decide(8);

        Assert.Equal((4, 4), (In(lots, place => place.Provider == "aws"), In(lots, place => place.Provider == "gcp")));
        Assert.Equal((2, 2), (In(lots, place => place.Region == "us-east-1"), In(lots, place => place.Region == "us-west-2")));
        Assert.All(lots.Where(lot => lot.Place.Provider == "aws"), lot => Assert.Equal(1, lot.Count));
        Assert.All(lots, lot => Assert.Equal(("small", Market.OnDemand), (lot.Place.Type, lot.Place.Market)));
    }

    [Fact]
    public void What_is_there_already_counts_and_no_lot_is_larger_than_one_request_takes()
    {
        var present = Enumerable.Repeat(new Place("aws", "us-east-1", "a", "small", Market.OnDemand), 10).ToList();

        var lots = Decide(10, present: present);

        Assert.Equal(10, In(lots, place => place.Provider == "gcp"));
        Assert.Equal([4, 1, 4, 1], lots.Select(lot => lot.Count));
    }

    [Fact]
    public void A_place_without_capacity_is_left_out_for_another_type_then_another_zone_and_a_quota_leaves_out_the_region()
    {
        Place east = new("gcp", "us-east4", "a", "small", Market.OnDemand);
        var onlyGoogle = Cells.Where(cell => cell.Place.Provider == "gcp").ToList();

        var other = Decide(1, cells: onlyGoogle, outages: [east]);
        var zone = Decide(2, cells: onlyGoogle, outages: [east, east with { Type = "large" }]);
        var none = Placement.Decide(1, new(0), [], onlyGoogle, new HashSet<Place> { east.WholeRegion() });

        Assert.Equal("large", other[0].Place.Type);
        Assert.Equal(("b", 2), (Assert.Single(zone).Place.Zone, zone[0].Count));
        Assert.Equal((FaultKind.Exhausted, Limits.Capacity), (none.Fault?.Kind, none.Fault?.Facts[Limits.Fact]));
    }

    [Theory]
    [InlineData(50, 2, 10, 4)]
    [InlineData(100, 0, 10, 10)]
    [InlineData(100, 4, 3, 0)]
    [InlineData(0, 0, 10, 0)]
    public void So_much_is_spot_as_the_policy_says(int percent, int onDemandBase, int count, int onSpot)
    {
        var lots = Placement.Decide(count, new(percent, onDemandBase), [], Cells, NoOutage).Value;

        Assert.Equal(onSpot, In(lots, place => place.Market == Market.Spot));
    }

    [Fact]
    public void Without_spot_capacity_on_demand_does_and_never_the_other_way_round()
    {
        var noSpot = Cells.Where(cell => cell.Place.Market == Market.OnDemand).ToList();
        var onlySpot = Cells.Where(cell => cell.Place.Market == Market.Spot).ToList();

        Assert.Equal(4, In(Placement.Decide(4, new(100), [], noSpot, NoOutage).Value, place => place.Market == Market.OnDemand));
        Assert.Equal(FaultKind.Exhausted, Placement.Decide(4, new(0), [], onlySpot, NoOutage).Fault?.Kind);
    }

    [Fact]
    public void Nothing_that_fits_is_a_mistake_and_no_want_of_capacity() =>
        Assert.Equal(FaultKind.Invalid, Placement.Decide(1, new(0), [], [], NoOutage).Fault?.Kind);

    [Fact]
    public void However_it_grows_and_shrinks_no_two_zones_of_a_region_differ_by_more_than_one()
    {
        const int Seed = 20261127;
        var chance = new Random(Seed);
        var zones = Cells.Where(cell => cell.Place.Region == "us-east-1").ToList();
        var present = new List<Place>();
        for (var step = 0; step < 500; step++)
        {
            if (chance.Next(2) == 0)
            {
                var lots = Placement.Decide(chance.Next(1, 12), new(0), present, zones, NoOutage).Value;
                present.AddRange(lots.SelectMany(lot => Enumerable.Repeat(lot.Place, lot.Count)));
            }
            else
            {
                foreach (var going in Placement.Surplus([.. present], chance.Next(0, 12), place => place))
                {
                    present.Remove(going);
                }
            }

            var counts = new[] { "a", "b" }.Select(zone => present.Count(place => place.Zone == zone)).ToList();
            Assert.True(Math.Abs(counts[0] - counts[1]) <= 1, $"seed {Seed}, step {step}: {counts[0]} and {counts[1]}");
        }
    }

    private static IReadOnlyList<Lot> Decide(
        int count, IReadOnlyList<Place>? present = null, IReadOnlyList<Cell>? cells = null, HashSet<Place>? outages = null) =>
        Placement.Decide(count, new(0), present ?? [], cells ?? Cells, outages ?? NoOutage).Value;

    private static int In(IEnumerable<Lot> lots, Func<Place, bool> which) => lots.Where(lot => which(lot.Place)).Sum(lot => lot.Count);
}
