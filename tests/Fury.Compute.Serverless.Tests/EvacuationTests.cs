using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Tests.Engine;
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
        var low = Leaving(2) with { Criticality = Criticality.Low };
        var (small, large) = (Leaving(2), Leaving(8));

        var plan = EvacuationPlan.Of([low, small, large], fleet, new(), Given.Now);

        Assert.Equal([large.Pool, small.Pool, low.Pool], plan.Moves.Select(move => move.Request.Pool));
        Assert.Equal([0, 1, 0], plan.Moves.Select(move => move.Decision.Pending));
        Assert.Equal(small.Pool, plan.Pending.Single().Request.Pool);
    }

    [Fact]
    public void What_a_pool_has_elsewhere_stays_and_counts()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("dead"), 9).With(Given.Cluster("well"), 9).With(Given.Cluster("other"), 9);
        var pool = Leaving(5) with { Current = [new("dead", "a", 3), new("well", "a", 2)] };

        var move = EvacuationPlan.Of([pool], fleet, new(), Given.Now).Moves.Single();

        Assert.Equal(5, move.Decision.Placed.Sum(one => one.Replicas));
        Assert.Equal(3, move.Decision.Added.Sum(one => one.Replicas));
        Assert.DoesNotContain(move.Decision.Placed, one => one.Cluster == "dead");
    }

    [Fact]
    public void The_window_grows_with_what_becomes_ready_and_shrinks_with_what_stops_to_be()
    {
        var pace = Pace.New(Given.Now) with { UnderWay = 16 };

        Assert.Equal(0, pace.Room);
        Assert.Equal(Pace.WindowMin + 16, pace.See(0, Given.Now).Window);
        Assert.Equal(Pace.WindowMin + 10, pace.See(0, Given.Now).See(6, Given.Now).Window);
        Assert.Equal(Pace.WindowMin, pace.See(400, Given.Now).Window);
        Assert.Equal(Pace.WindowMax, (pace with { Window = 490, UnderWay = 490 }).See(0, Given.Now).Window);
    }

    [Fact]
    public void Successors_that_never_become_ready_hold_up_nobody_for_long()
    {
        var pace = Pace.New(Given.Now) with { UnderWay = 16 };

        Assert.Equal(0, pace.See(16, Given.Now + Pace.Patience - TimeSpan.FromSeconds(1)).Room);
        Assert.Equal(Pace.WindowMin, pace.See(16, Given.Now + Pace.Patience).Room);
        Assert.Equal(Pace.WindowMin, (pace with { Window = 500, UnderWay = 500 }).See(500, Given.Now + Pace.Patience).Room);
    }

    [Fact]
    public void The_less_critical_do_not_overtake_where_the_more_critical_wait_and_go_where_nobody_does()
    {
        var waits = Move(2, Criticality.High, ("one", 1));
        var behind = Move(3, Criticality.Low, ("one", 1));
        var both = Move(4, Criticality.Low, ("one", 1), ("other", 1));
        var elsewhere = Move(5, Criticality.Low, ("third", 1));
        Dictionary<string, Pace> paces = new() { ["one"] = Pace.New(Given.Now) with { UnderWay = 16 } };

        Assert.Equal([elsewhere], Pace.Begin(new([waits, behind, both, elsewhere]), paces, Given.Now));
        Assert.Equal(1, paces["third"].UnderWay);
    }

    [Fact]
    public void What_was_refused_is_not_under_way_and_counts_for_no_speed()
    {
        Dictionary<string, Pace> paces = [];
        var begun = Pace.Begin(new([Move(1, Criticality.High, ("one", 3))]), paces, Given.Now);

        Pace.TakeBack(begun, paces);

        Assert.Equal((0, Pace.WindowMin), (paces["one"].UnderWay, paces["one"].See(0, Given.Now).Window));
    }

    [Fact]
    public void Without_a_cluster_that_could_take_them_all_stay_where_they_are()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("dead"), 100).Judged("dead", HealthPhase.Dead).With(Given.Cluster("full"), 0);

        var plan = EvacuationPlan.Of(Enumerable.Range(1, 50).Select(_ => Leaving(3)), fleet, new(), Given.Now);

        Assert.Equal(50, plan.Pending.Count());
        Assert.All(plan.Moves, move => Assert.Equal((3, PendingReason.NoCluster), (move.Decision.Pending, move.Decision.Reason)));
        Assert.Empty(Pace.Begin(plan, new Dictionary<string, Pace>(), Given.Now));
    }

    [Fact]
    public void In_any_world_as_many_can_serve_as_before_at_every_step_and_all_that_has_a_place_has_left_in_the_end()
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new Random(seed);
            var world = new World(random);
            for (var step = 0; step < 500 && !world.IsDone; step++)
            {
                world.Pass();
                world.Start(random);
                Assert.All(world.Pools, pool => Assert.True(World.Serving(pool) >= pool.Wanted, $"Seed {seed}, step {step}: {pool} is too few."));
                Assert.All(world.Paces, pace => Assert.True(pace.Value.Window <= Pace.WindowMax, $"Seed {seed}, step {step}: {pace}"));
            }

            Assert.True(world.IsDone, $"Seed {seed}: some have not left.");
        }
    }

    private static PlacementRequest Leaving(int replicas) =>
        Given.Request(replicas) with { Current = [new("dead", "a", replicas)], Leaving = ["dead"] };

    private static PlannedMove Move(int number, Criticality criticality, params (string Cluster, int Replicas)[] to)
    {
        var request = Given.Request(to.Sum(one => one.Replicas)) with { Pool = Given.Pool(number), Criticality = criticality };
        return new(request, Decided(request.Pool, [.. to.Select(one => new Placed(one.Cluster, "a", one.Replicas))]));
    }

    private static Decision Decided(PoolId pool, IReadOnlyList<Placed> placed) =>
        new(pool, Given.Now, 1, placed.Sum(one => one.Replicas), placed, placed, 0, null, 4, 4, [], [], 0);

    /// <summary>Pools on their way out of a cluster by the steps that the engine takes; those without a place elsewhere are not in it.</summary>
    private sealed class World
    {
        private DateTimeOffset _now = Given.Now;

        public World(Random random) => Pools = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => InDead(random.Next(1, 40), random))];

        public List<Pool> Pools { get; }

        public Dictionary<string, Pace> Paces { get; } = [];

        public bool IsDone => Pools.All(pool => pool.ShareIn("dead") is { Leaving: true });

        /// <summary>Replicas that are ready where nobody takes them away.</summary>
        public static int Serving(Pool pool) => pool.Replicas.Count(replica => pool.ShareIn(replica.Cluster) is { Leaving: false });

        public void Pass()
        {
            var underWay = Pace.Count(Pools.Where(pool => pool.Shares.Any(share => share.Evacuating)));
            foreach (var cluster in Paces.Keys)
            {
                Paces[cluster] = Paces[cluster].See(underWay.GetValueOrDefault(cluster), _now);
            }

            for (var place = 0; place < Pools.Count; place++)
            {
                Pools[place] = Settling.Relieve(Pools[place]).Pool;
            }

            var plan = new EvacuationPlan([.. Pools.Where(pool => pool.ShareIn("dead") is { Stays: true }).Select(Planned)]);
            foreach (var move in Pace.Begin(plan, Paces, _now))
            {
                var place = Pools.FindIndex(pool => pool.Spec.Id == move.Request.Pool);
                Pools[place] = Settling.Settle(Pools[place], move.Decision, _now, "dead").Pool;
            }

            _now += TimeSpan.FromSeconds(1);
        }

        /// <summary>Some of what was asked for becomes ready, and here and there some breaks.</summary>
        public void Start(Random random)
        {
            for (var place = 0; place < Pools.Count; place++)
            {
                var pool = Pools[place];
                foreach (var share in pool.Shares.Where(share => share.Stays && share.Cluster != "dead"))
                {
                    var ready = pool.Replicas.Count(replica => replica.Cluster == share.Cluster);
                    var more = random.Next(share.Replicas - ready + 1);
                    pool = pool with { Replicas = [.. pool.Replicas, .. Enumerable.Range(0, more).Select(_ => Ready(share.Cluster))] };
                    if (random.Next(10) == 0 && pool.Shares.Any(one => one.Evacuating))
                    {
                        pool = pool with { Replicas = [.. pool.Replicas.Where(replica => replica.Cluster != share.Cluster)] };
                    }
                }

                Pools[place] = pool;
            }
        }

        private static PlannedMove Planned(Pool pool)
        {
            var (half, number) = (pool.Wanted / 2, pool.Spec.Id.Value.GetHashCode() & 3);
            Placed[] places = [new($"c{number}", "a", pool.Wanted - half), .. half == 0 ? [] : new Placed[] { new($"c{(number + 1) & 3}", "a", half) }];
            return new(Settling.RequestOf(pool, "dead"), Decided(pool.Spec.Id, places));
        }

        private static Pool InDead(int replicas, Random random)
        {
            var release = ServerlessComputeTests.Release(ScopeRef.Parse("shop/production-web"), 1, new(100, 64));
            var spec = new PoolSpec(
                Given.Pool(random.Next()), release, new("local", "here", "clusters"), replicas, 0, 40, (Criticality)random.Next(4));
            return Settling.Settle(Pool.New(spec), Decided(spec.Id, [new("dead", "a", replicas)]), Given.Now).Pool with
            {
                Replicas = [.. Enumerable.Range(0, replicas).Select(_ => Ready("dead"))],
            };
        }

        private static SeenReplica Ready(string cluster) =>
            new(cluster, "replica", InstanceId.From(Guid.NewGuid()), ReplicaPhase.Ready, "127.0.0.1", 80, 0, null, false);
    }
}
