using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What holds for every fleet and every request. One seed is one world; a failure names it.</summary>
public sealed class PlannerPropertyTests
{
    private const int Worlds = 150;
    private const int RequestsPerWorld = 12;

    [Fact]
    public void Only_what_fits_is_placed_and_only_where_it_may_go() => ForAll((world, fleet, request, decision) =>
    {
        foreach (var cluster in decision.Added.GroupBy(one => one.Cluster))
        {
            var spec = fleet.Find(cluster.Key)!;
            var fit = fleet.Room(fleet.Words.Cluster(cluster.Key)).Fit(request.Size);
            Assert.True(cluster.Sum(one => one.Replicas) <= fit.Total, $"{world}: over the room of {cluster.Key}.");
            Assert.All(cluster, one => Assert.True(one.Replicas <= fit.Zones[spec.ZoneOf(one.Zone)], $"{world}: over the room of {cluster.Key}/{one.Zone}."));
            Assert.True((spec.Criticality ?? request.Criticality) == request.Criticality, $"{world}: another criticality.");
            Assert.True(spec.WorkloadTypes.Count == 0 || spec.WorkloadTypes.Contains(request.WorkloadType), $"{world}: another workload type.");
            Assert.True(spec.Taints.All(request.Tolerations.Contains), $"{world}: a taint that is not tolerated.");
            Assert.True(spec.Phase == ClusterPhase.Active && fleet.IsHealthy(spec.Name), $"{world}: a cluster that takes no work.");
            Assert.True(
                request.Affinities.Any(one => one.Providers.Count == 0 || one.Providers.Contains(spec.Provider)), $"{world}: another provider.");
        }
    });

    [Fact]
    public void Hard_spreads_are_kept() => ForAll((world, fleet, request, decision) =>
    {
        foreach (var spread in request.Spreads.Where(spread => spread.Hard && decision.Added.Count > 0))
        {
            var groups = decision.Placed.Select(one => Group(fleet, spread.Level, one)).Distinct().Count();
            Assert.True(groups >= Math.Min(spread.MinGroups, request.Replicas), $"{world}: {groups} groups of {spread}: {decision.Explain()}");
            Assert.True(groups <= spread.MaxGroups, $"{world}: {groups} groups of {spread}: {decision.Explain()}");
        }
    });

    [Fact]
    public void The_numbers_of_the_explanation_add_up() => ForAll((world, fleet, request, decision) =>
    {
        Assert.True(decision.Clusters == decision.Passed + decision.Filtered.Sum(one => one.Clusters), $"{world}: {decision.Explain()}");
        Assert.True(decision.Wanted == decision.Pending + decision.Placed.Sum(one => one.Replicas), $"{world}: {decision.Explain()}");
        Assert.True(decision.Pending == 0 == decision.Reason is null, $"{world}: {decision.Explain()}");
        Assert.All(decision.Best, one => Assert.True(one.Parts.Total == one.Score && one.Score is > 0 and <= 1, $"{world}: {one} is not its parts."));
        Assert.True(decision.Best.Zip(decision.Best.Skip(1)).All(one => one.First.Score >= one.Second.Score), $"{world}: not the best first.");
        Assert.True(decision.Best.Count == Math.Min(3, decision.Passed), $"{world}: {decision.Best.Count} of {decision.Passed}.");
    });

    [Fact]
    public void The_same_question_has_the_same_answer_and_another_seed_may_have_another()
    {
        var different = 0;
        ForAll((world, fleet, request, decision) =>
        {
            var again = new Planner().Plan(fleet, request, Given.Now);
            Assert.True(Same(decision, again), $"{world}: {decision.Explain()} and then {again.Explain()}");
            different += Same(decision, new Planner().Plan(fleet, request with { Seed = request.Seed + 1 }, Given.Now)) ? 0 : 1;
        });
        Assert.True(different > 0, "The seed does nothing.");
    }

    [Fact]
    public void One_more_replica_moves_none_of_those_that_there_are() => ForAll((world, fleet, request, decision) =>
    {
        var more = new Planner().Plan(fleet, request with { Replicas = request.Replicas + 1, Current = decision.Placed }, Given.Now);
        foreach (var one in decision.Placed)
        {
            var after = more.Placed.Where(other => (other.Cluster, other.Zone) == (one.Cluster, one.Zone)).Sum(other => other.Replicas);
            Assert.True(after >= one.Replicas, $"{world}: {decision.Explain()} and then {more.Explain()}");
        }
    });

    [Fact]
    public void Asking_with_what_came_of_it_changes_nothing() => ForAll((world, fleet, request, decision) =>
    {
        if (decision.Pending == 0)
        {
            var again = new Planner().Plan(fleet, request with { Current = decision.Placed }, Given.Now);
            Assert.True(again.Added.Count == 0 && again.Pending == 0, $"{world}: {again.Explain()}");
        }
    });

    [Fact]
    public void A_sequence_never_takes_a_hole_twice()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var fleet = Given.AnyFleet(random, 20);
            List<PlacementRequest> requests = [.. Enumerable.Range(0, 60).Select(_ => Given.AnyRequest(random))];

            var (decisions, _) = Sequence.Plan(fleet, requests, new(), Given.Now);

            // Laid again in the same order, everything has its hole.
            foreach (var (request, decision) in requests.Zip(decisions))
            {
                foreach (var one in decision.Added)
                {
                    var cluster = fleet.Find(one.Cluster)!;
                    var zones = new int[cluster.Zones.Count];
                    zones[cluster.ZoneOf(one.Zone)] = one.Replicas;
                    fleet = fleet.Promised(cluster.Name, fleet.Room(fleet.Words.Cluster(cluster.Name)).Take(request.Size, zones, out var taken));
                    Assert.True(taken.Sum() == one.Replicas, $"Seed {seed}: a hole was taken twice: {decision.Explain()}");
                }
            }
        }
    }

    private static void ForAll(Action<string, Fleet, PlacementRequest, Decision> check)
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new Random(seed);
            var fleet = Given.AnyFleet(random, random.Next(1, 100));
            var planner = new Planner();
            for (var number = 0; number < RequestsPerWorld; number++)
            {
                var request = Given.AnyRequest(random);
                check($"Seed {seed}, request {number}", fleet, request, planner.Plan(fleet, request, Given.Now));
            }
        }
    }

    private static bool Same(Decision one, Decision other) =>
        one.Placed.SequenceEqual(other.Placed) && one.Best.SequenceEqual(other.Best) && one.Filtered.SequenceEqual(other.Filtered)
        && (one.Pending, one.Reason, one.Affinity) == (other.Pending, other.Reason, other.Affinity);

    private static string Group(Fleet fleet, SpreadLevel level, Placed placed) => level switch
    {
        SpreadLevel.Provider => fleet.Find(placed.Cluster)!.Provider,
        SpreadLevel.Region => fleet.Find(placed.Cluster)!.Region,
        SpreadLevel.Cluster => placed.Cluster,
        _ => $"{fleet.Find(placed.Cluster)!.Region}/{placed.Zone}",
    };
}
