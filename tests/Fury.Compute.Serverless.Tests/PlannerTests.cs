using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>Which clusters for which pool, case by case.</summary>
public sealed class PlannerTests
{
    private static readonly Cluster One = Given.Cluster("one");

    public static TheoryData<string, string> Unfit => new()
    {
        { "type", nameof(FilterReason.WorkloadType) },
        { "criticality", nameof(FilterReason.Criticality) },
        { "taint", nameof(FilterReason.Taint) },
        { "draining", nameof(FilterReason.Phase) },
        { "joining", nameof(FilterReason.Phase) },
        { "suspect", nameof(FilterReason.Health) },
        { "frozen", nameof(FilterReason.Health) },
        { "stale", nameof(FilterReason.Stale) },
        { "quota", nameof(FilterReason.Quota) },
        { "full", nameof(FilterReason.Room) },
        { "leaving", nameof(FilterReason.Affinity) },
        { "elsewhere", nameof(FilterReason.Affinity) },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void A_cluster_that_will_not_do_gets_nothing_and_the_reason_is_counted(string how, string reason)
    {
        var fleet = Fleet.Empty.With(One, 10);
        var request = Given.Request(1);
        (fleet, request) = how switch
        {
            "type" => (fleet, request with { WorkloadType = WorkloadType.Job }),
            "criticality" => (fleet, request with { Criticality = Criticality.Low }),
            "taint" => (fleet.Put(One with { Taints = ["spot"] }), request),
            "draining" => (fleet.Put(One with { Phase = ClusterPhase.Draining }), request),
            "joining" => (fleet.Put(One with { Phase = ClusterPhase.Joining }), request),
            "suspect" => (fleet.Judged("one", HealthPhase.Suspect), request),
            "frozen" => (fleet.Judged("one", HealthPhase.Frozen), request),
            "stale" => (fleet.With(One, Given.Seen(One, Given.Now.AddSeconds(-301), 10)), request),
            "quota" => (fleet.With(One with { Quota = new(100, 100) }, 10), request),
            "full" => (fleet.With(One, 0), request),
            "leaving" => (fleet, request with { Leaving = ["one"] }),
            _ => (fleet, request with { Affinities = [new([], ["west"], [])] }),
        };

        var decision = fleet.Plan(request);

        Assert.Equal((1, PendingReason.NoCluster), (decision.Pending, decision.Reason));
        Assert.Equal([new FilterCount(Enum.Parse<FilterReason>(reason), 1)], decision.Filtered);
        Assert.Equal((1, 0), (decision.Clusters, decision.Passed));
    }

    [Fact]
    public void A_tolerated_taint_does_not_matter() =>
        Assert.Equal(0, Fleet.Empty.With(One with { Taints = ["spot"] }, 10).Plan(Given.Request(1) with { Tolerations = ["spot"] }).Pending);

    [Fact]
    public void Replicas_stay_together_in_the_best_cluster_when_nothing_speaks_against_it()
    {
        var fleet = Fleet.Empty
            .With(Given.Cluster("dear") with { CpuHourPrice = 0.09 }, 100)
            .With(Given.Cluster("cheap", zones: ["a", "b"]) with { CpuHourPrice = 0.02 }, 50, 50);

        Assert.Equal([new("cheap", "a", 3), new("cheap", "b", 2)], fleet.Plan(Given.Request(5)).Placed);
    }

    [Fact]
    public void What_does_not_fit_into_the_best_goes_into_the_next_and_the_rest_waits()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("cheap") with { CpuHourPrice = 0 }, 3).With(Given.Cluster("dear"), 4);

        var decision = fleet.Plan(Given.Request(10));

        Assert.Equal([new("cheap", "a", 3), new("dear", "a", 4)], decision.Placed.OrderBy(one => one.Cluster));
        Assert.Equal((3, PendingReason.NoRoom), (decision.Pending, decision.Reason));
    }

    [Fact]
    public void News_older_than_a_minute_cost_and_the_fresher_cluster_wins()
    {
        var fleet = Fleet.Empty
            .With(Given.Cluster("fresh"), 100)
            .With(Given.Cluster("old"), Given.Seen(Given.Cluster("old"), Given.Now.AddSeconds(-200), 100));

        Assert.Equal("fresh", fleet.Plan(Given.Request(1)).Placed[0].Cluster);
        Assert.Equal(2, fleet.Plan(Given.Request(1)).Passed);
    }

    [Fact]
    public void A_spread_opens_as_many_groups_as_it_demands_on_every_level()
    {
        var fleet = Fleet.Empty
            .With(Given.Cluster("a1", "aws", "a-east", "x", "y") with { CpuHourPrice = 0 }, 50, 50)
            .With(Given.Cluster("a2", "aws", "a-east", "x", "y") with { CpuHourPrice = 0 }, 50, 50)
            .With(Given.Cluster("a3", "aws", "a-west", "x", "y") with { CpuHourPrice = 0.01 }, 50, 50)
            .With(Given.Cluster("g1", "gcp", "g-east", "x", "y") with { CpuHourPrice = 0.09 }, 50, 50);

        var decision = fleet.Plan(Given.Request(4, new(SpreadLevel.Provider, 2), new(SpreadLevel.Region, 3), new(SpreadLevel.Zone, 4)));

        Assert.Equal(0, decision.Pending);
        Assert.Equal(3, decision.Placed.Select(one => one.Cluster).Distinct().Count());
        Assert.Contains(decision.Placed, one => one.Cluster == "g1");
        Assert.Equal(4, decision.Placed.Count);
    }

    [Fact]
    public void Regions_of_two_providers_are_two_also_when_they_are_named_alike()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("a", "aws"), 9).With(Given.Cluster("g", "gcp"), 9);

        Assert.Equal(0, fleet.Plan(Given.Request(2, new(SpreadLevel.Region, 2), new(SpreadLevel.Zone, 2))).Pending);
    }

    [Fact]
    public void Every_bad_field_of_a_request_is_named_at_once()
    {
        var bad = Given.Request(1001, new(SpreadLevel.Zone, 3, 2), new(SpreadLevel.Zone, 1)) with { Affinities = [], Size = new(0, 0) };

        Assert.Equal(
            ["affinities.count", "replicas", "size.cpuMillis", "size.memoryMiB", "spreads", "spreads.count"],
            bad.Check()!.Fields.Select(field => field.Field).Order(StringComparer.Ordinal));
        Assert.Null(Given.Request(0).Check());
    }

    [Fact]
    public void A_hard_spread_that_cannot_be_kept_places_nothing_and_a_soft_one_does_what_it_can()
    {
        var fleet = Fleet.Empty.With(One, 10).With(Given.Cluster("two"), 10);

        var hard = fleet.Plan(Given.Request(4, new Spread(SpreadLevel.Region, 2)));
        var soft = fleet.Plan(Given.Request(4, new Spread(SpreadLevel.Region, 2, Hard: false)));

        Assert.Equal((4, PendingReason.Spread), (hard.Pending, hard.Reason));
        Assert.Equal(0, soft.Pending);
    }

    [Fact]
    public void At_most_so_many_clusters_are_the_roomy_ones_when_the_best_are_too_small()
    {
        var fleet = Fleet.Empty
            .With(Given.Cluster("cheap-1") with { CpuHourPrice = 0 }, 2)
            .With(Given.Cluster("cheap-2") with { CpuHourPrice = 0 }, 2)
            .With(Given.Cluster("roomy"), 20);

        var hard = fleet.Plan(Given.Request(10, new Spread(SpreadLevel.Cluster, 1, 1)));
        var soft = fleet.Plan(Given.Request(23, new Spread(SpreadLevel.Cluster, 1, 1, Hard: false)));

        Assert.Equal([new("roomy", "a", 10)], hard.Placed);
        Assert.Equal(0, soft.Pending);
    }

    [Fact]
    public void At_most_so_many_zones_are_used()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("one", zones: ["a", "b", "c"]), 10, 10, 10);

        var decision = fleet.Plan(Given.Request(12, new Spread(SpreadLevel.Zone, 2, 2)));

        Assert.Equal((0, 2), (decision.Pending, decision.Placed.Count));
    }

    [Fact]
    public void The_first_affinity_in_which_all_fit_is_taken()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("home", "own"), 3).With(Given.Cluster("cloud"), 100);
        var request = Given.Request(3) with { Affinities = [new(["own"], [], []), new(["aws"], [], [])] };

        Assert.Equal([new("home", "a", 3)], fleet.Plan(request).Placed);
        Assert.Equal((1, 0), (fleet.Plan(request with { Replicas = 5 }).Affinity, fleet.Plan(request with { Replicas = 5 }).Pending));
        Assert.Equal([new("cloud", "a", 5)], fleet.Plan(request with { Replicas = 5 }).Placed);
    }

    [Fact]
    public void With_overflow_the_next_affinity_takes_what_did_not_fit()
    {
        var fleet = Fleet.Empty.With(Given.Cluster("home", "own"), 3).With(Given.Cluster("cloud"), 100);
        var request = Given.Request(5) with { Affinities = [new(["own"], [], []), new(["aws"], [], [])], Overflow = true };

        var decision = fleet.Plan(request);

        Assert.Equal([new("home", "a", 3), new("cloud", "a", 2)], decision.Placed);
        Assert.Equal(decision.Placed, decision.Added);
    }

    [Fact]
    public void What_is_there_stays_even_where_nothing_new_may_go()
    {
        var fleet = Fleet.Empty.With(One, 10).Judged("one", HealthPhase.Frozen).With(Given.Cluster("two"), 10);
        var request = Given.Request(5) with { Current = [new("one", "a", 3), new("gone", "z", 1)] };

        var decision = fleet.Plan(request);

        Assert.Equal([new("one", "a", 3), new("gone", "z", 1), new("two", "a", 1)], decision.Placed);
        Assert.Equal([new("two", "a", 1)], decision.Added);
    }

    [Fact]
    public void Fewer_are_taken_from_the_fullest_cells()
    {
        var request = Given.Request(3) with { Current = [new("one", "a", 4), new("two", "a", 1)] };

        Assert.Equal([new("one", "a", 2), new("two", "a", 1)], Fleet.Empty.With(One, 0).With(Given.Cluster("two"), 0).Plan(request).Placed);
    }

    [Fact]
    public void A_cluster_that_is_warm_wins_among_equals()
    {
        var fleet = Fleet.Empty.With(One, 10).With(Given.Cluster("two"), 10).With(Given.Cluster("three"), 10);

        foreach (var name in new[] { "one", "two", "three" })
        {
            Assert.Equal(name, fleet.Plan(Given.Request(1) with { Warm = [name] }).Placed[0].Cluster);
        }
    }

    [Fact]
    public void The_sentence_says_where_how_many_why_not_and_what_was_best()
    {
        var fleet = Fleet.Empty.With(One, 2).With(Given.Cluster("two") with { Taints = ["spot"] }, 10);

        var text = fleet.Plan(Given.Request(3)).Explain();

        Assert.Equal(
            "2 of 3 replicas have a place: 2 in one/a; 1 of 2 clusters would do (tainted: 1), the best one "
            + $"{fleet.Plan(Given.Request(3)).Best[0].Score:0.00}; 1 pending, because the clusters that would do have no room left.",
            text);
    }
}
