using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Tests.AMoment;

namespace Fury.Deployments.Tests;

/// <summary>Named cases of the state machine; the simulation covers what nobody thought of.</summary>
public sealed class MachineTests
{
    public static TheoryData<DeploymentPhase> LivePhases { get; } =
        [.. Enum.GetValues<DeploymentPhase>().Where(phase => phase < DeploymentPhase.Done)];

    [Theory]
    [MemberData(nameof(LivePhases))]
    public void Every_phase_ends_by_itself_at_its_deadline_however_hopeless_the_world(DeploymentPhase phase)
    {
        var record = In(phase) with { Deadline = Now };
        var hopeless = Look(oldReady: 0, candidateReady: 0) with { Behind = [Slow], Refused = Fault.Unavailable("no") };

        var move = Assert.IsType<Move.Go>(Machine.Advance(record, hopeless, Now));

        Assert.NotEqual(phase, move.Next.Phase);
        Assert.Equal(record.Revision + 1, move.Next.Revision);
    }

    [Theory]
    [MemberData(nameof(LivePhases))]
    public void An_abort_is_legal_in_every_phase_and_leaves_one_that_goes_back_alone(DeploymentPhase phase)
    {
        var record = In(phase);

        var move = Commands.Abort(record, "asked to.", Now);

        Assert.Equal(
            phase switch
            {
                DeploymentPhase.Admitted => DeploymentPhase.Aborted,
                < DeploymentPhase.RestoringCapacity => DeploymentPhase.RestoringCapacity,
                _ => null,
            },
            move?.Next.Phase);
    }

    [Fact]
    public void Without_a_current_pool_the_way_back_begins_with_the_empty_table()
    {
        var turned = Commands.Abort(In(DeploymentPhase.Judging) with { Lanes = [new(null, Candidate)] }, "asked to.", Now)!.Next;

        Assert.Equal(DeploymentPhase.ShiftingBack, turned.Phase);
        Assert.Empty(Assert.IsType<Move.Publish>(Machine.Advance(turned, Look(State(Candidate, 1)), Now)).Pools);
    }

    [Fact]
    public void Traffic_does_not_go_back_before_the_current_pool_is_as_large_as_it_was()
    {
        var record = In(DeploymentPhase.RestoringCapacity);

        Assert.IsType<Move.Wait>(Machine.Advance(record, Look(oldReady: 1, candidateReady: 2), Now));
        Assert.Equal(DeploymentPhase.ShiftingBack, Next(record, Look(oldReady: 2, candidateReady: 2)).Phase);
        Assert.Equal(DeploymentPhase.ShiftingBack, Next(record with { Deadline = Now }, Look(oldReady: 1, candidateReady: 2)).Phase);
    }

    [Fact]
    public void Where_the_candidate_only_lacks_replicas_it_keeps_its_traffic_until_the_current_pool_is_whole_or_the_time_to_hold_is_over()
    {
        var record = In(DeploymentPhase.RestoringCapacity) with { Deadline = Now, Back = new(Asked: false, "Replicas are missing.", Patient: true) };
        var inPart = Look(oldReady: 1, candidateReady: 1);

        var waiting = Next(record, inPart);

        Assert.Equal(DeploymentPhase.RestoringCapacity, waiting.Phase);
        Assert.Equal(record.PhaseSince.AddSeconds(record.Policy.HoldSeconds), waiting.Deadline);
        Assert.IsType<Move.Ensure>(Machine.Advance(waiting, Look(State(Candidate, 1)), Now));
        Assert.Equal(DeploymentPhase.ShiftingBack, Next(waiting, Look(oldReady: 2, candidateReady: 1)).Phase);
        Assert.Equal(DeploymentPhase.ShiftingBack, Next(record with { PhaseSince = Now.AddSeconds(-record.Policy.HoldSeconds) }, inPart).Phase);
        Assert.Equal(DeploymentPhase.ShiftingBack, Next(record, Look(oldReady: 1, candidateReady: 0)).Phase);
    }

    [Fact]
    public void A_lost_replica_of_an_accepted_candidate_is_waited_for_as_long_as_starting_one_may_take()
    {
        var record = In(DeploymentPhase.Draining) with { Deadline = Now };
        var missing = Look(oldReady: 2, candidateReady: 1);

        var waiting = Next(record, missing);

        Assert.Equal(DeploymentPhase.Draining, waiting.Phase);
        Assert.IsType<Move.Publish>(Machine.Advance(waiting, Look(oldReady: 2, candidateReady: 2), Now));
        var late = record with { PhaseSince = Now.AddSeconds(-record.Policy.ProvisionSeconds) };
        Assert.True(Next(late, missing) is { Phase: DeploymentPhase.RestoringCapacity, Back.Patient: true });
        Assert.True(Next(record, Look(oldReady: 2, candidateReady: 0)).Phase == DeploymentPhase.RestoringCapacity);
    }

    [Fact]
    public void A_candidate_that_alone_can_serve_keeps_the_traffic_and_becomes_what_the_scope_runs()
    {
        var end = Next(In(DeploymentPhase.RestoringCapacity) with { Deadline = Now }, Look(oldReady: 0, candidateReady: 2));

        Assert.Equal((DeploymentPhase.RolledBack, Candidate.Id, Old.Id), (end.Phase, end.Serving?.Single().Id, end.Leftovers.Single().Id));
    }

    [Fact]
    public void When_nothing_can_serve_nothing_is_taken_down_and_the_scope_keeps_its_own_pool()
    {
        var end = Next(In(DeploymentPhase.RestoringCapacity) with { Deadline = Now }, Look(oldReady: 0, candidateReady: 0));

        Assert.Equal((DeploymentPhase.RolledBack, Old.Id, Candidate.Id), (end.Phase, end.Serving?.Single().Id, end.Leftovers.Single().Id));
    }

    [Fact]
    public void An_abort_after_the_old_pool_was_taken_down_starts_its_release_in_a_fresh_pool()
    {
        var fresh = PoolId.New(TimeProvider.System);
        var gone = Look(State(Old, 0) with { Phase = PoolPhase.Retired }, State(Candidate, 2)) with { Fresh = [fresh] };

        var next = Next(In(DeploymentPhase.RestoringCapacity), gone);

        Assert.Equal((DeploymentPhase.RestoringCapacity, fresh, Old.Release), (next.Phase, next.Lanes[0].Current?.Id, next.Lanes[0].Current?.Release));
        Assert.Equal(fresh, Assert.IsType<Move.Ensure>(Machine.Advance(next, Look(State(Candidate, 2)), Now)).Pool.Id);
    }

    [Fact]
    public void A_proxy_that_does_not_apply_the_table_without_the_old_pool_is_named_and_the_pool_stays()
    {
        var record = In(DeploymentPhase.Draining) with { Deadline = Now };
        var behind = Look(oldReady: 2, candidateReady: 2) with
        {
            Table = new RoutingTable(Scope, 3, [new(Candidate.Id, 100)], record.Fence),
            Behind = [Slow],
        };

        var end = Assert.IsType<Move.Go>(Machine.Advance(record, behind, Now));

        Assert.Equal((DeploymentPhase.Done, Old.Id), (end.Next.Phase, end.Next.Leftovers.Single().Id));
        Assert.Contains("slow", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draining_waits_for_the_last_request_and_no_longer_than_it_may()
    {
        var record = In(DeploymentPhase.Draining);
        var busy = Look(oldReady: 2, candidateReady: 2) with
        {
            Table = new RoutingTable(Scope, 3, [new(Candidate.Id, 100)], record.Fence),
            Behind = [],
            Lingering = [Slow with { Stage = ProxyStage.Busy }],
        };

        var draining = Next(record, busy);

        Assert.Equal(Now.AddSeconds(record.Policy.DrainSeconds), draining.DrainUntil);
        Assert.IsType<Move.Wait>(Machine.Advance(draining, busy, Now));
        var idle = busy with { Lingering = [] };
        Assert.Equal(DeploymentPhase.Retiring, Assert.IsType<Move.Go>(Machine.Advance(draining, idle, Now)).Next.Phase);
        Assert.Equal(
            DeploymentPhase.Retiring,
            Assert.IsType<Move.Go>(Machine.Advance(draining, busy, draining.DrainUntil!.Value)).Next.Phase);
    }

    [Fact]
    public void A_table_that_an_earlier_driver_published_is_published_again_under_the_new_fence()
    {
        var record = In(DeploymentPhase.Shifting) with { Fence = 8 };
        var seen = Look(oldReady: 2, candidateReady: 2) with
        {
            Table = new RoutingTable(Scope, 3, [new(Candidate.Id, 100), new(Old.Id, 0)], Fence: 7),
        };

        Assert.IsType<Move.Publish>(Machine.Advance(record, seen, Now));
        Assert.Equal(DeploymentPhase.Converging, Next(record, seen with { Confirmed = true }).Phase);
    }

    [Fact]
    public void A_crash_looping_candidate_is_given_up_before_its_deadline_even_when_it_looks_ready()
    {
        var looping = Look(oldReady: 2, candidateReady: 2, restarts: 3);

        var turned = Next(In(DeploymentPhase.Provisioning), looping);

        Assert.Equal(DeploymentPhase.RestoringCapacity, turned.Phase);
        Assert.Contains("crashed", turned.Reason, StringComparison.Ordinal);
    }
}
