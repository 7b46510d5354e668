using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>Where everything goes when a cluster is left, in which order, and what is never removed.</summary>
public sealed class EvacuationTests
{
    private const int Worlds = 300;

    [Theory]
    [InlineData(nameof(HealthPhase.Dead), nameof(ClusterPhase.Active), true)]
    [InlineData(nameof(HealthPhase.Healthy), nameof(ClusterPhase.Draining), true)]
    [InlineData(nameof(HealthPhase.Healthy), nameof(ClusterPhase.Active), false)]
    [InlineData(nameof(HealthPhase.Suspect), nameof(ClusterPhase.Active), false)]
    [InlineData(nameof(HealthPhase.Frozen), nameof(ClusterPhase.Active), false)]
    [InlineData(nameof(HealthPhase.Frozen), nameof(ClusterPhase.Draining), false)]
    public void Only_the_dead_and_the_draining_are_left(string health, string phase, bool due) => Assert.Equal(
        due, EvacuationPlan.IsDue(Given.Cluster("one") with { Phase = Enum.Parse<ClusterPhase>(phase) }, Enum.Parse<HealthPhase>(health)));

    [Fact]
    public void The_most_critical_have_their_places_first()
    {
        var fleet = Fleet.Empty
            .With(Given.Cluster("dead"), 0)
            .Judged("dead", HealthPhase.Dead)
            .With(Given.Cluster("low") with { Criticality = Criticality.Low }, 9)
            .With(Given.Cluster("high"), 9);
        var low = Given.Request(2) with { Criticality = Criticality.Low, Current = [new("dead", "a", 2)] };
        var small = Given.Request(2) with { Current = [new("dead", "a", 2)] };
        var large = Given.Request(8) with { Current = [new("dead", "a", 8)] };

        var plan = EvacuationPlan.Of("dead", [low, small, large], fleet, new(), Given.Now);

        Assert.Equal([large.Pool, small.Pool, low.Pool], plan.Moves.Select(move => move.Request.Pool));
        Assert.Equal([0, 1, 0], plan.Moves.Select(move => move.Decision.Pending));
        Assert.Equal(small.Pool, plan.Pending.Single().Request.Pool);
    }

    [Fact]
    public void What_a_pool_has_elsewhere_stays_and_counts()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("dead"), 9).With(Given.Cluster("well"), 9).With(Given.Cluster("other"), 9);
        var pool = Given.Request(5) with { Current = [new("dead", "a", 3), new("well", "a", 2)] };

        var move = EvacuationPlan.Of("dead", [pool], fleet, new(), Given.Now).Moves.Single();

        Assert.Equal(5, move.Decision.Placed.Sum(one => one.Replicas));
        Assert.Equal(3, move.Decision.Added.Sum(one => one.Replicas));
        Assert.DoesNotContain(move.Decision.Placed, one => one.Cluster == "dead");
    }

    [Fact]
    public void Nothing_is_removed_before_all_its_successors_are_ready_and_what_has_none_stays()
    {
        var pool = Pool(1, source: 5, successors: 3) with { Dispatched = true };

        Assert.Empty(EvacuationSteps.Next([pool with { Ready = 2 }], isDue: true));
        Assert.Equal([new EvacuationMove.Remove(pool.Pool, 2)], EvacuationSteps.Next([pool with { Ready = 3 }], isDue: true));
        Assert.Empty(EvacuationSteps.Next([pool with { Ready = 3, Source = 2 }], isDue: true));
    }

    [Fact]
    public void The_window_grows_with_what_becomes_ready_and_shrinks_with_what_fails()
    {
        Assert.Equal(EvacuationSteps.WindowMin, EvacuationSteps.Window(0, 0));
        Assert.Equal(EvacuationSteps.WindowMin + 100, EvacuationSteps.Window(100, 0));
        Assert.Equal(EvacuationSteps.WindowMin, EvacuationSteps.Window(100, 50));
        Assert.Equal(EvacuationSteps.WindowMax, EvacuationSteps.Window(1_000_000, 0));
    }

    [Fact]
    public void The_less_critical_do_not_overtake_where_the_more_critical_wait_and_go_where_nobody_does()
    {
        var first = Pool(1, 16, 16) with { Dispatched = true, Criticality = Criticality.Critical };
        var waits = Pool(2, 1, 1) with { Criticality = Criticality.High };
        var behind = Pool(3, 1, 1) with { Criticality = Criticality.Low };
        var elsewhere = Pool(4, 1, 1) with { Criticality = Criticality.Low, Destinations = [new("other", "a", 1)] };

        var moves = EvacuationSteps.Next([behind, elsewhere, waits, first], isDue: true);

        Assert.Equal([elsewhere.Pool], moves.Select(move => move.Pool));
        Assert.Empty(EvacuationSteps.Next([behind, elsewhere, waits, first], isDue: false));
    }

    [Fact]
    public void Without_destinations_nothing_is_deleted_whatever_else_is_seen()
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new Random(seed);
            List<EvacuatingPool> pools = [.. Enumerable.Range(0, random.Next(20)).Select(number => Any(random, number) with { Destinations = [] })];

            Assert.True(EvacuationSteps.Next(pools, isDue: random.Next(2) == 0).Count == 0, $"Seed {seed}: something is done without a destination.");
        }
    }

    [Fact]
    public void Without_a_cluster_that_could_take_them_all_stay_where_they_are()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("dead"), 100).Judged("dead", HealthPhase.Dead).With(Given.Cluster("full"), 0);
        PlacementRequest[] pools =
            [.. Enumerable.Range(1, 50).Select(number => Given.Request(3) with { Current = [new("dead", "a", 3)], Pool = Given.Pool(number) })];

        var plan = EvacuationPlan.Of("dead", pools, fleet, new(), Given.Now);

        Assert.Equal(50, plan.Pending.Count());
        Assert.All(plan.Moves, move => Assert.Equal((3, PendingReason.NoCluster), (move.Decision.Pending, move.Decision.Reason)));
        Assert.Empty(EvacuationSteps.Next([.. plan.Moves.Select(move => Evacuating(move, 3))], isDue: true));
    }

    [Fact]
    public void In_any_world_as_many_can_serve_as_before_at_every_step()
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new Random(seed);
            List<EvacuatingPool> pools =
                [.. Enumerable.Range(0, random.Next(1, 40)).Select(number => Any(random, number) with { Dispatched = false, Ready = 0, Failed = 0 })];
            int[] before = [.. pools.Select(pool => pool.Source)];
            for (var step = 0; step < 400 && pools.Any(pool => pool.Destinations.Count > 0 && (!pool.Dispatched || pool.InFlight > 0)); step++)
            {
                foreach (var move in EvacuationSteps.Next(pools, isDue: true))
                {
                    var place = pools.FindIndex(pool => pool.Pool == move.Pool);
                    pools[place] = move is EvacuationMove.Remove remove ? pools[place] with { Source = remove.Keep } : pools[place] with { Dispatched = true };
                }

                for (var place = 0; place < pools.Count; place++)
                {
                    var pool = pools[place];
                    pools[place] = pool with
                    {
                        Ready = pool.Ready + (pool.InFlight == 0 ? 0 : random.Next(pool.InFlight + 1)),
                        Failed = pool.Failed + (pool.InFlight > 0 && random.Next(5) == 0 ? 1 : 0),
                    };
                    Assert.True(pool.Source + pool.Ready >= before[place], $"Seed {seed}, step {step}: {pool} had {before[place]}.");
                }
            }

            Assert.True(pools.All(pool => pool.Destinations.Count == 0 || pool.Dispatched), $"Seed {seed}: some were never dispatched.");
        }
    }

    private static EvacuatingPool Evacuating(PlannedMove move, int source) =>
        new(move.Request.Pool, move.Request.Criticality, source, move.Decision.Pending, move.Decision.Added, false, 0, 0);

    private static EvacuatingPool Pool(int number, int source, int successors) =>
        new(Given.Pool(number), Criticality.High, source, Math.Max(0, source - successors), [new("one", "a", successors)], false, 0, 0);

    private static EvacuatingPool Any(Random random, int number)
    {
        Placed[] places = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new Placed($"c{random.Next(4)}", "a", random.Next(1, 30)))];
        var source = random.Next(1, 40);
        return new(
            Given.Pool(number),
            (Criticality)random.Next(4),
            source,
            Math.Max(0, source - places.Sum(one => one.Replicas)),
            places,
            random.Next(2) == 0,
            random.Next(40),
            random.Next(3));
    }
}
