using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using static Fury.Deployments.Tests.AMoment;

namespace Fury.Deployments.Tests;

/// <summary>What taking a recommendation does to a deployment that is held by a verdict.</summary>
public sealed class AdvisedTests
{
    private static readonly PoolPlan SouthOld = Old with { Id = PoolId.New(TimeProvider.System), Share = 40, Location = new("local", "south", "instances") };
    private static readonly PoolPlan SouthCandidate = SouthOld with { Id = PoolId.New(TimeProvider.System), Version = Candidate.Version };

    [Fact]
    public void More_capacity_is_asked_for_from_this_step_on_and_the_step_begins_anew()
    {
        var held = HeldByVerdict();

        var next = Taken(held, RecommendedAction.RaiseFloor);

        Assert.Equal((DeploymentPhase.Provisioning, 1, 1), (next.Phase, next.Cell, next.Attempt));
        var opened = Assert.IsType<Move.Ensure>(Machine.Advance(next, Look(State(Old, 2), State(Candidate, 2)), Now));
        Assert.Equal((Candidate.Id, 3, 3), (opened.Pool.Id, opened.Replicas, opened.Floor));
        Assert.Equal(3, Forward.Needed(next with { Cell = 4 }, 0));
        Assert.Equal(FaultKind.Conflict, Advised.Of(Advice(RecommendedAction.RaiseFloor), Full(held), Now).Fault?.Kind);
    }

    [Fact]
    public void A_longer_step_goes_on_where_it_is_with_what_was_seen()
    {
        var next = Taken(HeldByVerdict(), RecommendedAction.LengthenStep, ("deadlineSecondsThen", "7200"));

        Assert.Equal((DeploymentPhase.Judging, 1, 0, 7200), (next.Phase, next.Cell, next.Attempt, next.Now.DeadlineSeconds));
        Assert.Equal(Now.AddHours(2), next.Deadline);
    }

    [Fact]
    public void A_sick_replica_is_replaced_and_the_step_begins_anew()
    {
        var seen = Look(2, 2);
        var sick = seen.Pools[Candidate.Id].Replicas[0].Id;

        var next = Taken(HeldByVerdict(), RecommendedAction.ReplaceReplica, ("replica", $"{sick}"));

        Assert.Equal((DeploymentPhase.Provisioning, 1), (next.Phase, next.Attempt));
        Assert.Equal(sick, Assert.IsType<Move.Replace>(Machine.Advance(next, seen, Now)).Replica);
    }

    [Fact]
    public void A_location_that_is_given_up_keeps_what_serves_there_and_the_candidates_pool_is_left_to_be_taken_down()
    {
        var held = InTwoPlaces();

        var next = Taken(held, RecommendedAction.GiveUp);
        var shown = Weights.At(next.Lanes, next.Cells, 4);
        var done = Machine.End(next, DeploymentPhase.Done, Now, "Done.");

        Assert.Equal(DeploymentPhase.Provisioning, next.Phase);
        Assert.Equal([(Candidate.Id, 60m), (Old.Id, 0), (SouthOld.Id, 40)], shown.Select(one => (one.Pool, one.Weight)));
        Assert.Equal([Candidate.Id, SouthOld.Id], LettingGo.Serving(next).Select(pool => pool.Id));
        Assert.Equal(SouthCandidate.Id, Assert.Single(done.Next.Leftovers).Id);
        // Back from there it is taken down too.
        var back = Returning.Turn(next, new WayBack(Asked: true, "no"), Now).Next;
        Assert.Equal(SouthCandidate.Id, Assert.Single(Machine.End(back, DeploymentPhase.Aborted, Now, "").Next.Leftovers).Id);
        Assert.Equal(FaultKind.Conflict, Advised.Of(Advice(RecommendedAction.GiveUp), HeldByVerdict(), Now).Fault?.Kind);
    }

    [Fact]
    public void A_deployment_that_failed_at_one_location_stays_held_while_the_judge_says_the_same()
    {
        var held = InTwoPlaces();
        var seen = Look([.. held.Moving.SelectMany(lane => lane.Pools).Select(pool => State(pool, 2))]) with
        {
            Verdict = Says(VerdictKind.Fail) with { Failing = [$"{SouthOld.Location}"] },
        };

        Assert.IsType<Move.Wait>(Machine.Advance(held, seen, Now));
    }

    [Theory]
    [InlineData(RecommendedAction.Promote, DeploymentPhase.Provisioning)]
    [InlineData(RecommendedAction.Abort, DeploymentPhase.RestoringCapacity)]
    public void What_is_a_command_is_that_command(RecommendedAction action, DeploymentPhase expected)
    {
        var next = Taken(HeldByVerdict(), action);

        Assert.Equal(expected, next.Phase);
        Assert.Contains("as recommended", next.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RecommendedAction.RaiseFloor)]
    [InlineData(RecommendedAction.LengthenStep)]
    [InlineData(RecommendedAction.GiveUp)]
    [InlineData(RecommendedAction.ReplaceReplica)]
    public void Of_a_deployment_that_is_not_held_by_a_verdict_it_is_refused_with_its_phase(RecommendedAction action)
    {
        foreach (var phase in new[] { DeploymentPhase.Judging, DeploymentPhase.Held, DeploymentPhase.ShiftingBack })
        {
            var record = In(phase, Strategy.Canary);
            var refused = Advised.Of(Advice(action), record, Now).Fault;
            Assert.Equal((FaultKind.Conflict, Word.Of(record.Phase)), (refused?.Kind, refused?.Facts["phase"]));
        }
    }

    [Theory]
    [InlineData(Command.Resume, "verdict", 1)]
    [InlineData(Command.Promote, "verdict", 1)]
    [InlineData(Command.PromoteFull, "verdict", 1)]
    [InlineData(Command.RetryStep, "operator", 1)]
    [InlineData(Command.RetryAll, "operator", 1)]
    [InlineData(Command.Resume, "operator", 0)]
    [InlineData(Command.Promote, "operator", 0)]
    public void Who_goes_on_has_weighed_what_the_judge_said_and_who_retries_has_it_judged_anew(Command command, string cause, int attempts)
    {
        var held = HeldByVerdict();

        var next = Commands.Of(command, held with { Held = held.Held! with { Cause = Word.Read<HoldCause>(cause) } }, "yes", Now).Value!.Next;

        Assert.Equal((attempts, 0), (next.Attempt, next.Recommendations.Count));
    }

    private static DeploymentRecord Taken(DeploymentRecord record, RecommendedAction action, params (string Name, string Value)[] numbers)
    {
        var taken = Advised.Of(Advice(action, numbers), record, Now);
        Assert.True(taken.IsOk, taken.Fault?.ToString());
        Assert.Empty(taken.Value!.Next.Recommendations);
        return taken.Value.Next;
    }

    private static Recommendation Advice(RecommendedAction action, params (string Name, string Value)[] numbers) =>
        new(RecommendationKind.TakeBack, "It would help.", numbers.ToDictionary(one => one.Name, one => one.Value), action);

    private static DeploymentRecord HeldByVerdict()
    {
        var held = In(DeploymentPhase.Held, Strategy.Canary);
        return held with
        {
            Cell = 1,
            Held = held.Held! with { Cause = HoldCause.Verdict },
            Recommendations = [Advice(RecommendedAction.Abort)],
        };
    }

    /// <summary>Held because it has failed in the south.</summary>
    private static DeploymentRecord InTwoPlaces()
    {
        var held = HeldByVerdict();
        Lane[] lanes = [new(Old with { Share = 60 }, Candidate with { Share = 60 }), new(SouthOld, SouthCandidate) { IsBarred = true }];
        return held with { Lanes = lanes, Cells = [.. held.Cells.Select(cell => cell with { Lanes = [0, 1] })] };
    }

    /// <summary>With as many replicas as its settings allow.</summary>
    private static DeploymentRecord Full(DeploymentRecord record) =>
        record with { Lanes = [.. record.Lanes.Select(lane => lane with { Candidate = lane.Candidate! with { Ceiling = lane.Candidate.Replicas } })] };
}
