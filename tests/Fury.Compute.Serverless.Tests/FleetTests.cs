using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>The snapshot that planners read.</summary>
public sealed class FleetTests
{
    private static readonly Cluster One = Given.Cluster("one");

    [Fact]
    public void A_version_stays_what_it_was_whatever_comes_after()
    {
        var before = Fleet.Empty.With(One, 3);

        var after = before.With(One, 1).Put(One with { Taints = ["spot"] }).With(Given.Cluster("two"), 9).Remove("one");

        Assert.Equal(3, before.Plan(Given.Request(3)).Placed.Single().Replicas);
        Assert.Equal("two", after.Plan(Given.Request(3)).Placed.Single().Cluster);
        Assert.True(after.Version > before.Version);
    }

    [Fact]
    public void A_change_of_one_cluster_leaves_all_other_chunks_the_same_objects()
    {
        var before = Fleet.Empty;
        for (var number = 0; number < 300; number++)
        {
            before = before.With(Given.Cluster($"c{number}"), 1);
        }

        var after = before.Seen("c70", Room.None(1), Given.Now);

        Assert.Equal(5, before.Chunks.Length);
        for (var chunk = 0; chunk < 5; chunk++)
        {
            Assert.Equal(chunk != 1, ReferenceEquals(before.Chunks[chunk], after.Chunks[chunk]));
        }

        Assert.Same(before.Chunks[1].Clusters, after.Chunks[1].Clusters);
        Assert.Same(before.Words, after.Words);
    }

    [Fact]
    public void What_people_say_of_a_cluster_changes_and_what_was_seen_stays()
    {
        var fleet = Fleet.Empty.With(One, 3).Put(One with { WorkloadTypes = [WorkloadType.Worker] });

        Assert.Equal(FilterReason.WorkloadType, fleet.Plan(Given.Request(1)).Filtered.Single().Reason);
        Assert.Equal(3, fleet.Plan(Given.Request(3) with { WorkloadType = WorkloadType.Worker }).Placed.Single().Replicas);
    }

    [Fact]
    public void With_other_zones_it_has_to_be_seen_again()
    {
        var fleet = Fleet.Empty.With(One, 3).Put(One with { Zones = ["x"] });

        Assert.Equal(FilterReason.Room, fleet.Plan(Given.Request(1)).Filtered.Single().Reason);
    }

    [Fact]
    public void One_that_left_and_comes_back_has_nothing_of_what_was_seen_before()
    {
        var fleet = Fleet.Empty.With(One, 3).Remove("one");
        Assert.Equal(0, fleet.Plan(Given.Request(1)).Clusters);

        fleet = fleet.Put(One);
        Assert.Equal(FilterReason.Health, fleet.Plan(Given.Request(1)).Filtered.Single().Reason);
        Assert.Equal(1, fleet.With(One, 3).Plan(Given.Request(1)).Placed.Single().Replicas);
    }

    [Fact]
    public void News_of_a_stranger_change_nothing() =>
        Assert.Same(Fleet.Empty, Fleet.Empty.Seen("one", Room.None(1), Given.Now).Judged("one", HealthPhase.Healthy).Remove("one"));

    [Fact]
    public void Every_bad_field_of_a_cluster_is_named_at_once()
    {
        var bad = new Cluster("", "aws", "east", ["a", "a"], Criticality.Low, [WorkloadType.Web, WorkloadType.Web], ["t", "t"], -1, double.NaN, new(-1, 0), "");

        Assert.Equal(
            ["cpuHourPrice", "memoryHourPrice", "name", "quota.cpuMillis", "taints.count", "workloadTypes.count", "zones.count"],
            bad.Check()!.Fields.Select(field => field.Field).Order(StringComparer.Ordinal));
        Assert.Null(One.Check());
    }

    [Fact]
    public void A_cluster_is_in_one_segment_for_each_of_its_workload_types() => Assert.Equal(
        ["aws/east/high/web", "aws/east/high/worker"],
        (One with { WorkloadTypes = [WorkloadType.Web, WorkloadType.Worker] }).Segments.Select(segment => segment.ToString()));

    [Fact]
    public void A_cluster_that_is_kept_for_nothing_special_takes_all_work_and_is_one_segment()
    {
        var any = One with { Criticality = null, WorkloadTypes = [] };
        var fleet = Fleet.Empty.With(any, 3);

        Assert.Equal("aws/east/any/any", any.Segments.Single().ToString());
        Assert.All(
            Enum.GetValues<Criticality>().Zip([.. Enum.GetValues<WorkloadType>(), WorkloadType.Web]),
            one => Assert.Equal(0, fleet.Plan(Given.Request(3) with { Criticality = one.First, WorkloadType = one.Second }).Pending));
    }
}
