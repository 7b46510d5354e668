using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

public sealed class PlannerTests
{
    private readonly Catalog.Contracts.Release _release;

    public PlannerTests()
    {
        var catalog = new FakeCatalog { MinReplicas = 2 };
        _release = catalog.Freeze(catalog.AddScope("shop/test-web"), VersionName.Parse("1.0.0"), default).Result.Value;
    }

    [Theory]
    [InlineData(null, 2)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(7, 7)]
    [InlineData(99, 10)]
    public void The_candidate_starts_at_the_size_that_is_seen_and_not_at_the_minimum(int? currentReady, int replicas)
    {
        var plan = Plan(Strategy.BlueGreen, currentReady is { } ready ? [new(Pool(), ready)] : []);

        Assert.Equal(replicas, plan.Lanes.Single().Candidate?.Replicas);
        var cell = Assert.Single(plan.Cells);
        Assert.Equal((100, 30, Gate.Timed), (cell.Weight, cell.MinSeconds, cell.Gate));
    }

    [Fact]
    public void A_candidate_goes_where_the_current_pool_is()
    {
        var elsewhere = Pool() with { Location = new Location("cloud", "north", "instances") };

        Assert.Equal(elsewhere.Location, Plan(Strategy.AllIn, [new(elsewhere, 1)]).Lanes.Single().Candidate?.Location);
    }

    [Fact]
    public void A_scope_whose_compute_kind_was_set_to_another_goes_beside_it_and_one_that_was_migrated_stays()
    {
        var migrated = Pool() with { Location = new("cloud", "north", "clusters"), Compute = ComputeKind.Serverless, Asked = ComputeKind.Standard };

        Assert.Equal(migrated.Location, Plan(Strategy.AllIn, [new(migrated, 1)]).Lanes.Single().Candidate?.Location);
        var set = Plan(Strategy.AllIn, [new(migrated with { Asked = ComputeKind.Serverless }, 1)]).Lanes.Single().Candidate!;
        Assert.Equal((new Location("cloud", "north", "instances"), ComputeKind.Standard), (set.Location, set.Compute));
    }

    [Fact]
    public void Only_blue_green_judges_and_bakes_by_default()
    {
        Assert.Equal((30, 30), (Policies.DefaultOf(Strategy.BlueGreen).JudgeSeconds, Policies.DefaultOf(Strategy.BlueGreen).BakeSeconds));
        Assert.Equal((0, 0), (Policies.DefaultOf(Strategy.AllIn).JudgeSeconds, Policies.DefaultOf(Strategy.AllIn).BakeSeconds));
        Assert.Equal((0, 0), (Policies.DefaultOf(Strategy.Rollback).JudgeSeconds, Policies.DefaultOf(Strategy.Rollback).BakeSeconds));
    }

    [Fact]
    public void A_canary_goes_up_its_ladder_in_every_location_at_once_and_opens_at_its_share_of_what_is_seen()
    {
        var plan = Plan(Strategy.Canary, [new(Pool("north", 60), 6), new(Pool("south", 40), 4)]);

        Assert.Equal(Cells.Ladder, plan.Cells.Select(cell => cell.Weight));
        Assert.All(plan.Cells, cell => Assert.Equal([0, 1], cell.Lanes));
        int[] north = [.. plan.Cells.Select((_, cell) => Weights.Replicas(plan.Lanes, plan.Cells, cell, 0, 20))];
        Assert.Equal([2, 2, 2, 4, 6], north);
        Assert.Equal([0.6m, 59.4m, 0.4m, 39.6m], Weights.At(plan.Lanes, plan.Cells, 0).Select(pool => pool.Weight));
        Assert.Equal([60, 0, 40, 0], Weights.At(plan.Lanes, plan.Cells, 4).Select(pool => pool.Weight));
    }

    [Fact]
    public void A_safe_deployment_begins_where_the_smallest_part_of_the_traffic_is_and_goes_on_in_waves_that_double()
    {
        Standing[] standing = [.. new[] { ("a/one", 40m), ("a/two", 5m), ("b/one", 10m), ("a/three", 25m), ("b/two", 20m) }
            .Select(place => new Standing(Pool(place.Item1.Split('/')[1], place.Item2, place.Item1.Split('/')[0]), 4))];

        var plan = Plan(Strategy.Safe, standing);

        string[] waves = [.. plan.Cells.Select(cell => $"{string.Join('+', cell.Lanes.Select(lane => $"{plan.Lanes[lane].Location}"[..5]))} {cell.Weight}")];
        Assert.Equal(
            [
                "a/two 1", "a/two 5", "a/two 25", "a/two 50", "a/two 100",
                "b/one 10", "b/one 50", "b/one 100",
                "a/thr+b/two 10", "a/thr+b/two 50", "a/thr+b/two 100",
                "a/one 10", "a/one 50", "a/one 100",
            ],
            waves);
    }

    [Fact]
    public void A_migration_moves_one_location_and_leaves_the_others_alone()
    {
        var relocation = new Relocation(new("cloud", "south", "instances"), new("cloud", "east", "clusters"), 2.5m);
        var plan = Plan(Strategy.Migration, [new(Pool("north", 60), 6), new(Pool("south", 40), 4)], new([], []) { Relocation = relocation });

        Assert.Null(plan.Lanes[0].Candidate);
        var moved = plan.Lanes[1].Candidate!;
        Assert.Equal((relocation.To, ComputeKind.Serverless, 40, 10), (moved.Location, moved.Compute, moved.Share, moved.Replicas));
        Assert.All(plan.Cells, cell => Assert.Equal([1], cell.Lanes));
        Assert.Equal([60, 0.4m, 39.6m], Weights.At(plan.Lanes, plan.Cells, 0).Select(pool => pool.Weight));
    }

    [Theory]
    [InlineData("nowhere", "from", "one of cloud/north/instances, cloud/south/instances, where the scope runs")]
    [InlineData(null, "from", "one of cloud/north/instances, cloud/south/instances, where the scope runs")]
    public void A_migration_from_where_the_scope_does_not_run_is_refused_with_where_it_does(string? region, string field, string expected)
    {
        var relocation = new Relocation(region is null ? null : new("cloud", region, "instances"), new("cloud", "east", "clusters"));
        var planned = Planner.Of(
            Strategy.Migration,
            Policies.DefaultOf(Strategy.Migration),
            new([], []) { Relocation = relocation },
            new(_release, [new(Pool("north", 60), 6), new(Pool("south", 40), 4)], 0, [default, default]));

        Assert.Equal((field, expected), (planned.Fault!.Fields.Single().Field, planned.Fault.Fields.Single().Expected));
    }

    [Theory]
    [InlineData(10_000, new[] { 1, 5, 25, 50, 100 })]
    [InlineData(1000, new[] { 1, 5, 25, 50, 100 })]
    [InlineData(200, new[] { 5, 25, 50, 100 })]
    [InlineData(50, new[] { 25, 50, 100 })]
    [InlineData(2, new[] { 50, 100 })]
    [InlineData(0, new[] { 50, 100 })]
    public void A_safe_deployment_begins_with_the_least_weight_that_finds_evidence_in_its_time(double requestsPerSecond, int[] weights)
    {
        var cells = Cells.Of(
            Strategy.Safe, Policies.DefaultOf(Strategy.Safe), [], [new(Pool(), Pool())], new PresentTraffic(requestsPerSecond, 0.002, 1)).Value;

        Assert.Equal(weights, cells.Select(cell => (int)cell.Weight));
    }

    [Fact]
    public void A_location_with_little_traffic_has_fewer_steps_than_one_with_much()
    {
        var standing = new[] { new Standing(Pool("small", 4), 2), new Standing(Pool("large", 96), 20) };
        Lane[] lanes = [.. standing.Select(one => new Lane(one.Pool, one.Pool))];
        var cells = Cells.Of(Strategy.Safe, Policies.DefaultOf(Strategy.Safe), [], lanes, new PresentTraffic(1000, 0.002, 1)).Value;

        Assert.Equal([25m, 50, 100], cells.Where(cell => cell.Lanes[0] == 0).Select(cell => cell.Weight));
        Assert.Equal([10m, 50, 100], cells.Where(cell => cell.Lanes[0] == 1).Select(cell => cell.Weight));
    }

    [Fact]
    public void Whatever_the_steps_weights_add_up_to_a_hundred_and_end_with_the_candidates_alone()
    {
        const int seeds = 500;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var random = new Random(seed);
            var shares = Shares(random, random.Next(1, 8));
            Standing[] standing = [.. shares.Select((share, index) => new Standing(Pool($"r{index}", share), random.Next(1, 20)))];
            var strategy = new[] { Strategy.AllIn, Strategy.BlueGreen, Strategy.Canary, Strategy.Safe }[random.Next(4)];
            var plan = Plan(strategy, standing);

            for (var cell = 0; cell < plan.Cells.Count; cell++)
            {
                var table = Weights.At(plan.Lanes, plan.Cells, cell);
                Assert.True(table.Sum(pool => pool.Weight) == 100 && table.All(pool => pool.Weight >= 0), $"Seed {seed}, cell {cell}.");
                Assert.True(table.All(pool => decimal.Round(pool.Weight, 2) == pool.Weight), $"Seed {seed}, cell {cell}: more than two decimals.");
            }

            var last = Weights.At(plan.Lanes, plan.Cells, plan.Cells.Count - 1).Where(pool => pool.Weight > 0).Select(pool => pool.Pool);
            Assert.Equal(plan.Lanes.Select(lane => lane.Candidate!.Id), last);
        }
    }

    private static decimal[] Shares(Random random, int count)
    {
        var left = 10_000;
        List<decimal> shares = [];
        for (var index = 0; index < count; index++)
        {
            var part = index == count - 1 ? left : random.Next(1, left - (count - index - 1));
            shares.Add(part / 100m);
            left -= part;
        }

        return [.. shares];
    }

    private Plan Plan(Strategy strategy, Standing[] current, Route? route = null) => Planner.Of(
        strategy,
        Policies.DefaultOf(strategy),
        route ?? Route.Usual,
        new(_release, current, 0, [.. Enumerable.Range(0, Math.Max(1, current.Length)).Select(_ => PoolId.New(TimeProvider.System))])).Value;

    private PoolPlan Pool(string region, decimal share, string provider = "cloud") =>
        Pool() with { Location = new(provider, region, "instances"), Share = share };

    private PoolPlan Pool() => new(
        PoolId.New(TimeProvider.System), _release.Id, _release.Version, ComputeKind.Standard, Planner.FirstLocation, 2, 2, 10);
}
