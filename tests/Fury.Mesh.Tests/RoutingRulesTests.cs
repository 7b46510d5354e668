using System.Globalization;
using System.Text.Json;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Routing;

namespace Fury.Mesh.Tests;

public sealed class RoutingRulesTests
{
    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly PoolId One = MeshHost.Pool();
    private static readonly PoolId Two = MeshHost.Pool();

    [Fact]
    public void Every_bad_weight_is_named()
    {
        var fault = RoutingRules.Check([new(One, -5), new(Two, 200), new(One, 0)]);

        Assert.Equal(FaultKind.Invalid, fault?.Kind);
        Assert.Equal(["pools[0].weight", "pools[1].weight", "pools", "pools"], fault?.Fields.Select(field => field.Field));
    }

    [Fact]
    public void No_pools_and_pools_that_add_up_are_right()
    {
        Assert.Null(RoutingRules.Check([]));
        Assert.Null(RoutingRules.Check([new(One, 90), new(Two, 10)]));
        Assert.NotNull(RoutingRules.Check([new(One, 0)]));
    }

    [Theory]
    [InlineData("0.125", "99.875", "pools[0].weight", "pools[1].weight")]
    [InlineData("0.01", "99.98", "pools")]
    [InlineData("100.01", "0", "pools[0].weight", "pools")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335", "pools[0].weight", "pools[1].weight", "pools")]
    public void Weights_have_at_most_two_decimals_and_add_up_to_exactly_100(string one, string two, params string[] wrong)
    {
        var fault = RoutingRules.Check([new(One, Decimal(one)), new(Two, Decimal(two))]);

        Assert.Equal(wrong, fault?.Fields.Select(field => field.Field));
    }

    [Fact]
    public void Whatever_hundredths_add_up_to_100_are_right_and_one_more_or_less_is_not()
    {
        var random = new Random(7);
        for (var round = 0; round < 1000; round++)
        {
            List<int> cuts = [0, .. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(10_001)), 10_000];
            cuts.Sort();
            List<PoolWeight> pools = [.. cuts.Zip(cuts.Skip(1), (from, to) => new PoolWeight(MeshHost.Pool(), (to - from) / 100m))];
            var off = pools.Index().MaxBy(pool => pool.Item.Weight);
            pools[off.Index] = off.Item with { Weight = off.Item.Weight - 0.01m };

            Assert.Equal("pools", Assert.Single(RoutingRules.Check(pools)!.Fields).Field);
            pools[off.Index] = off.Item;
            Assert.Null(RoutingRules.Check(pools));
        }
    }

    [Fact]
    public void A_weight_is_written_without_zeros_at_its_end_and_whole_numbers_on_record_are_read()
    {
        var json = JsonSerializer.Serialize<PoolWeight[]>([new(One, 1.00m), new(Two, 0.250m), new(One, 100), new(One, 0)], FuryJson.Options);

        Assert.Equal(["1", "0.25", "100", "0"], JsonDocument.Parse(json).RootElement.EnumerateArray().Select(one => one.GetProperty("weight").GetRawText()));
        Assert.Equal(new PoolWeight(One, 90), JsonSerializer.Deserialize<PoolWeight>($$"""{"pool":"{{One}}","weight":90}""", FuryJson.Options));
    }

    [Fact]
    public void An_older_fence_is_refused_even_when_nothing_would_change()
    {
        var move = RoutingRules.Decide(Table(7, new PoolWeight(One, 100)), [new(One, 100)], 6, [Ready(One)]);

        Assert.Equal(FaultKind.Stale, Assert.IsType<PublishMove.Refuse>(move).Fault.Kind);
    }

    [Fact]
    public void The_same_table_is_kept_even_when_its_pool_has_lost_its_endpoints()
    {
        var move = RoutingRules.Decide(Table(7, new PoolWeight(One, 100)), [new(One, 100)], 8, []);

        Assert.Equal((3, 8), (Assert.IsType<PublishMove.Keep>(move).Table.Version, ((PublishMove.Keep)move).Table.Fence));
    }

    [Fact]
    public void Weight_for_a_pool_that_is_unknown_not_ready_or_of_another_scope_is_refused_by_name()
    {
        var table = Table(1);
        foreach (var known in new KnownPool?[] { null, new(One, Scope, 0), new(One, MeshHost.Scope("other"), 1) })
        {
            var move = RoutingRules.Decide(table, [new(One, 100)], 1, known is null ? [] : [known]);

            var fault = Assert.IsType<PublishMove.Refuse>(move).Fault;
            Assert.Equal((FaultKind.Conflict, One.ToString()), (fault.Kind, fault.Facts["pool"]));
        }
    }

    [Fact]
    public void The_first_publication_of_nothing_is_a_publication() =>
        Assert.IsType<PublishMove.Replace>(RoutingRules.Decide(new(Scope, 0, [], 0), [], 1, []));

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static KnownPool Ready(PoolId pool) => new(pool, Scope, 1);

    private static RoutingTable Table(long fence, params PoolWeight[] pools) => new(Scope, 3, pools, fence);
}
