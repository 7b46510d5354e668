using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Tests.AMoment;

namespace Fury.Deployments.Tests;

/// <summary>Named cases of a step: when it is left, what ends it, and what people may ask.</summary>
public sealed class SteppingTests
{
    private static readonly PoolPlan SouthOld = InTheSouth(Old);
    private static readonly PoolPlan SouthCandidate = InTheSouth(Candidate);

    [Theory]
    [InlineData(Gate.Timed, null, DeploymentPhase.Provisioning)]
    [InlineData(Gate.Timed, "insufficient", DeploymentPhase.Provisioning)]
    [InlineData(Gate.Timed, "pass", DeploymentPhase.Provisioning)]
    [InlineData(Gate.Timed, "inconclusive", DeploymentPhase.Held)]
    [InlineData(Gate.Timed, "fail", DeploymentPhase.RestoringCapacity)]
    [InlineData(Gate.Evidence, "insufficient", null)]
    [InlineData(Gate.Evidence, "pass", DeploymentPhase.Provisioning)]
    [InlineData(Gate.Evidence, "inconclusive", DeploymentPhase.Held)]
    [InlineData(Gate.Evidence, "fail", DeploymentPhase.RestoringCapacity)]
    [InlineData(Gate.Manual, "pass", null)]
    [InlineData(Gate.Manual, "fail", DeploymentPhase.RestoringCapacity)]
    public void After_its_least_time_a_step_is_left_as_its_gate_says(Gate gate, string? verdict, DeploymentPhase? expected)
    {
        var move = Machine.Advance(Judged(gate), Seeing(verdict), Now);

        Assert.Equal(expected, (move as Move.Go)?.Next.Phase);
        Assert.Equal(expected == DeploymentPhase.Provisioning ? 1 : 0, (move as Move.Go)?.Next.Cell ?? 0);
    }

    [Theory]
    [InlineData(Gate.Timed, "pass", null)]
    [InlineData(Gate.Evidence, "pass", null)]
    [InlineData(Gate.Evidence, "fail", DeploymentPhase.RestoringCapacity)]
    public void Before_its_least_time_only_a_failure_ends_a_step(Gate gate, string verdict, DeploymentPhase? expected)
    {
        var young = Judged(gate) with { PhaseSince = Now.AddSeconds(-1) };

        Assert.Equal(expected, (Machine.Advance(young, Seeing(verdict), Now) as Move.Go)?.Next.Phase);
    }

    [Theory]
    [InlineData(Gate.Manual, "Nobody has promoted it")]
    [InlineData(Gate.Evidence, "There was not enough evidence")]
    public void A_gate_that_does_not_open_in_time_holds_the_deployment_and_never_passes_it(Gate gate, string why)
    {
        var held = Next(Judged(gate) with { Deadline = Now }, Seeing("insufficient"));

        Assert.Equal((DeploymentPhase.Held, HoldCause.Verdict, 0), (held.Phase, held.Held?.Cause, held.Cell));
        Assert.Contains(why, held.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_held_too_long_turns_back_and_what_must_not_go_back_stays_and_says_so_again()
    {
        var held = In(DeploymentPhase.Held, Strategy.Canary) with { Deadline = Now };
        var forward = held with { Policy = held.Policy with { OnFail = OnFail.Hold } };

        Assert.Equal(DeploymentPhase.RestoringCapacity, Next(held, Seeing("insufficient")).Phase);
        var again = Next(forward, Seeing("fail"));
        Assert.Equal((DeploymentPhase.Held, Now.AddSeconds(forward.Policy.HoldSeconds)), (again.Phase, again.Deadline));
    }

    [Fact]
    public void A_candidate_that_fails_while_it_is_held_goes_back()
    {
        Assert.Equal(DeploymentPhase.RestoringCapacity, Next(In(DeploymentPhase.Held, Strategy.Canary), Seeing("fail")).Phase);
    }

    [Fact]
    public void A_release_that_must_not_go_back_is_held_at_its_weight_when_it_fails()
    {
        var record = Judged(Gate.Timed);

        var held = Next(record with { Policy = record.Policy with { OnFail = OnFail.Hold } }, Seeing("fail"));

        Assert.Equal((DeploymentPhase.Held, 0), (held.Phase, held.Cell));
        Assert.Null(held.Back);
    }

    [Fact]
    public void What_fails_at_one_location_goes_back_there_and_is_held_elsewhere()
    {
        var record = TwoPlaces();
        var seen = Seeing("fail", failing: [1]);

        var turned = Next(record, seen);

        Assert.Equal((DeploymentPhase.Shifting, true, false), (turned.Phase, turned.Lanes[1].IsBarred, turned.Lanes[0].IsBarred));
        var published = Assert.IsType<Move.Publish>(Machine.Advance(turned, seen, Now)).Pools;
        Assert.Equal([0.6m, 59.4m, 0, 40], published.Select(pool => pool.Weight));
        var spread = seen with { Table = new RoutingTable(Scope, 3, published, record.Fence), Behind = [] };
        var held = Next(Next(turned, spread), spread);
        Assert.Equal((DeploymentPhase.Held, HoldCause.Verdict), (held.Phase, held.Held?.Cause));
        Assert.Contains("south", held.Held!.Why, StringComparison.Ordinal);
        // Resumed, it is tried again there; aborted, all of it goes back.
        var resumed = Commands.Of(Command.Resume, held, "again", Now).Value!.Next;
        Assert.Equal((DeploymentPhase.Provisioning, false), (resumed.Phase, resumed.Lanes[1].IsBarred));
        Assert.Equal(DeploymentPhase.RestoringCapacity, Commands.Of(Command.Abort, held, "no", Now).Value!.Next.Phase);
        Assert.Equal(FaultKind.Conflict, Commands.Of(Command.Promote, held, "yes", Now).Fault?.Kind);
    }

    [Fact]
    public void What_failed_where_it_was_taken_back_is_no_news_where_it_is_held()
    {
        var held = TwoPlaces();
        held = held with { Phase = DeploymentPhase.Held, Held = new(HoldCause.Verdict, "south", Now, DeploymentPhase.Judging) };
        held = held with { Lanes = [held.Lanes[0], held.Lanes[1] with { IsBarred = true }] };

        Assert.IsType<Move.Wait>(Machine.Advance(held, Seeing("fail", failing: [1]), Now));
        Assert.Equal(DeploymentPhase.RestoringCapacity, Next(held, Seeing("fail", failing: [0])).Phase);
    }

    [Fact]
    public void What_fails_everywhere_turns_back()
    {
        Assert.Equal(DeploymentPhase.RestoringCapacity, Next(TwoPlaces(), Seeing("fail", failing: [0, 1])).Phase);
    }

    [Fact]
    public void A_sick_replica_is_put_on_record_and_replaced_until_it_has_gone_and_the_step_goes_on()
    {
        var record = Judged(Gate.Evidence);
        var seen = Seeing("insufficient");
        var sick = seen.Pools[Candidate.Id].Replicas[0].Id;
        seen = seen with { Verdict = seen.Verdict! with { Kind = VerdictKind.Inconclusive, Cause = Cause.Node, Replica = sick.ToString() } };

        var noted = Next(record, seen);

        Assert.Equal((DeploymentPhase.Judging, sick), (noted.Phase, noted.Replaced.Single()));
        Assert.Equal(sick, Assert.IsType<Move.Replace>(Machine.Advance(noted, seen, Now)).Replica);
        var gone = Seeing("insufficient");
        Assert.IsType<Move.Wait>(Machine.Advance(noted, gone, Now));
    }

    [Fact]
    public void A_migration_that_is_complete_is_held_until_it_is_finalised()
    {
        var record = In(DeploymentPhase.Baking, Strategy.Migration) with { Cell = 4, Deadline = Now };

        var held = Next(record, Seeing("pass"));

        Assert.Equal((DeploymentPhase.Held, HoldCause.Finalise), (held.Phase, held.Held?.Cause));
        Assert.Equal(DeploymentPhase.Held, Next(held with { Deadline = Now }, Seeing("pass")).Phase);
        Assert.Equal(DeploymentPhase.Draining, Commands.Of(Command.Finalise, held, "done", Now).Value!.Next.Phase);
        Assert.Equal(DeploymentPhase.RestoringCapacity, Commands.Of(Command.Abort, held, "no", Now).Value!.Next.Phase);
        Assert.Equal(FaultKind.Conflict, Commands.Of(Command.Resume, held, "x", Now).Fault?.Kind);
    }

    [Theory]
    [InlineData(Command.Hold, DeploymentPhase.Judging, DeploymentPhase.Held)]
    [InlineData(Command.Hold, DeploymentPhase.Held, null)]
    [InlineData(Command.Resume, DeploymentPhase.Held, DeploymentPhase.Provisioning)]
    [InlineData(Command.Resume, DeploymentPhase.Judging, null)]
    [InlineData(Command.Promote, DeploymentPhase.Judging, DeploymentPhase.Provisioning)]
    [InlineData(Command.Promote, DeploymentPhase.Held, DeploymentPhase.Provisioning)]
    [InlineData(Command.PromoteFull, DeploymentPhase.Judging, DeploymentPhase.Provisioning)]
    [InlineData(Command.RetryStep, DeploymentPhase.Held, DeploymentPhase.Provisioning)]
    [InlineData(Command.RetryAll, DeploymentPhase.Held, DeploymentPhase.Provisioning)]
    public void People_may_ask(Command command, DeploymentPhase phase, DeploymentPhase? expected)
    {
        var answer = Commands.Of(command, In(phase, Strategy.Canary) with { Cell = 1 }, "asked to.", Now);

        Assert.Null(answer.Fault);
        Assert.Equal(expected, answer.Value?.Next.Phase);
        Assert.Equal(
            command switch { Command.Promote => 2, Command.PromoteFull => 4, Command.RetryAll => 0, _ => 1 },
            answer.Value?.Next.Cell ?? 1);
    }

    [Theory]
    [InlineData(Command.Promote, DeploymentPhase.Baking)]
    [InlineData(Command.Finalise, DeploymentPhase.Judging)]
    [InlineData(Command.Hold, DeploymentPhase.Draining)]
    [InlineData(Command.Hold, DeploymentPhase.Admitted)]
    [InlineData(Command.Resume, DeploymentPhase.ShiftingBack)]
    [InlineData(Command.Abort, DeploymentPhase.Done)]
    public void What_a_phase_does_not_allow_is_refused_with_its_name(Command command, DeploymentPhase phase)
    {
        var refused = Commands.Of(command, In(phase, Strategy.Canary), "asked to.", Now).Fault;

        Assert.Equal((FaultKind.Conflict, Word.Of(phase)), (refused?.Kind, refused?.Facts["phase"]));
    }

    [Fact]
    public void The_candidate_grows_with_its_weight_and_the_current_pool_keeps_what_it_has()
    {
        var old = Old with { Replicas = 40, Floor = 2, Ceiling = 100 };
        var record = In(DeploymentPhase.Provisioning, Strategy.Canary) with { Lanes = [new(old, Candidate with { Replicas = 40, Ceiling = 100 })] };

        var guarded = Assert.IsType<Move.Ensure>(Machine.Advance(record, Look(State(old, 40)), Now));
        var opened = Assert.IsType<Move.Ensure>(Machine.Advance(record with { Cell = 2 }, Look(Floored(State(old, 40), 40)), Now));

        Assert.Equal((old.Id, 40, 40), (guarded.Pool.Id, guarded.Replicas, guarded.Floor));
        Assert.Equal((Candidate.Id, 12, 12), (opened.Pool.Id, opened.Replicas, opened.Floor));
    }

    private static Compute.Contracts.PoolState Floored(Compute.Contracts.PoolState state, int floor) =>
        state with { Spec = state.Spec with { Floor = floor } };

    /// <summary>In the first step of a canary, which is left by the gate, with its least time over.</summary>
    private static DeploymentRecord Judged(Gate gate)
    {
        var record = In(DeploymentPhase.Judging, Strategy.Canary);
        return record with
        {
            Cells = [.. record.Cells.Select(cell => cell with { Gate = gate, MinSeconds = 10 })],
            PhaseSince = Now.AddSeconds(-10),
        };
    }

    private static DeploymentRecord TwoPlaces()
    {
        var record = Judged(Gate.Evidence);
        Lane[] lanes = [new(Old with { Share = 60 }, Candidate with { Share = 60 }), new(SouthOld, SouthCandidate)];
        return record with { Lanes = lanes, Cells = [.. record.Cells.Select(cell => cell with { Lanes = [0, 1] })] };
    }

    private static Seen Seeing(string? verdict, int[]? failing = null)
    {
        PoolPlan[] pools = [Old, Candidate, SouthOld, SouthCandidate];
        return Look([.. pools.Select(pool => State(pool, 2))]) with
        {
            Verdict = verdict is null ? null : Says(Word.Read<VerdictKind>(verdict)) with
            {
                Failing = [.. (failing ?? []).Select(lane => $"{(lane == 0 ? Old : SouthOld).Location}")],
            },
        };
    }

    private static PoolPlan InTheSouth(PoolPlan pool) =>
        pool with { Id = PoolId.New(TimeProvider.System), Share = 40, Location = Planner.FirstLocation with { Region = "south" } };
}
