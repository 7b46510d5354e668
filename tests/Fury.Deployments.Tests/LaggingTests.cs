using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Tests.AMoment;

namespace Fury.Deployments.Tests;

/// <summary>What is done with proxies that do not apply a table: told of at once, and at the deadline what the policy says.</summary>
public sealed class LaggingTests
{
    private const string SlowInWords = "slow (rejected since 2026-03-01 11:59:57Z: the weights look odd)";

    [Theory]
    [InlineData(WhenUnconverged.TurnBack, DeploymentPhase.Converging, DeploymentPhase.RestoringCapacity)]
    [InlineData(WhenUnconverged.Wait, DeploymentPhase.Converging, DeploymentPhase.Converging)]
    [InlineData(WhenUnconverged.GoOn, DeploymentPhase.Converging, DeploymentPhase.Judging)]
    [InlineData(WhenUnconverged.TurnBack, DeploymentPhase.Draining, DeploymentPhase.Done)]
    [InlineData(WhenUnconverged.Wait, DeploymentPhase.Draining, DeploymentPhase.Draining)]
    [InlineData(WhenUnconverged.GoOn, DeploymentPhase.Draining, DeploymentPhase.Draining)]
    [InlineData(WhenUnconverged.TurnBack, DeploymentPhase.ConvergingBack, DeploymentPhase.DrainingBack)]
    [InlineData(WhenUnconverged.Wait, DeploymentPhase.ConvergingBack, DeploymentPhase.DrainingBack)]
    [InlineData(WhenUnconverged.GoOn, DeploymentPhase.ConvergingBack, DeploymentPhase.DrainingBack)]
    [InlineData(WhenUnconverged.TurnBack, DeploymentPhase.DrainingBack, DeploymentPhase.RolledBack)]
    [InlineData(WhenUnconverged.Wait, DeploymentPhase.DrainingBack, DeploymentPhase.DrainingBack)]
    [InlineData(WhenUnconverged.GoOn, DeploymentPhase.DrainingBack, DeploymentPhase.DrainingBack)]
    public void At_the_deadline_the_policy_says_what_is_done_and_the_event_says_why(
        WhenUnconverged policy, DeploymentPhase phase, DeploymentPhase expected)
    {
        var move = At(Now, Behindhand(phase, policy) with { Deadline = Now });

        Assert.Equal(expected, move.Next.Phase);
        Assert.Contains(SlowInWords, move.Message, StringComparison.Ordinal);
        Assert.Contains(SlowInWords, move.Data["behind"], StringComparison.Ordinal);
        Assert.Equal(move.Message, move.Next.ToDeployment().Reason);
        Assert.True(move.Next.Ended || move.Next.Deadline > Now);
    }

    [Theory]
    [InlineData(DeploymentPhase.Converging, DeploymentPhase.RestoringCapacity)]
    [InlineData(DeploymentPhase.Draining, DeploymentPhase.Done)]
    [InlineData(DeploymentPhase.DrainingBack, DeploymentPhase.RolledBack)]
    public void Who_waits_on_does_so_for_a_week_and_then_what_would_have_been_done_is_done(DeploymentPhase phase, DeploymentPhase end)
    {
        var waits = At(Now, Behindhand(phase, WhenUnconverged.Wait) with { Deadline = Now }).Next;
        var last = Now + Lagging.WaitMax;

        Assert.Equal(last, waits.Deadline);
        Assert.IsType<Move.Wait>(Machine.Advance(waits, Behind(phase), last.AddMilliseconds(-1)));
        Assert.Equal(end, At(last, waits).Next.Phase);
    }

    [Theory]
    [InlineData(DeploymentPhase.Converging, DeploymentPhase.Judging)]
    [InlineData(DeploymentPhase.Draining, DeploymentPhase.Retiring)]
    [InlineData(DeploymentPhase.DrainingBack, DeploymentPhase.RetiringCandidate)]
    public void Who_waits_on_goes_on_once_nobody_is_behind(DeploymentPhase phase, DeploymentPhase next)
    {
        var waits = At(Now, Behindhand(phase, WhenUnconverged.Wait) with { Deadline = Now }).Next;

        var move = Assert.IsType<Move.Go>(Machine.Advance(waits, Behind(phase) with { Behind = [] }, Now.AddDays(3)));

        Assert.Equal((next, null), (move.Next.Phase, move.Next.Laggards));
    }

    [Fact]
    public void The_next_driver_of_one_that_waits_on_takes_its_table_over_whatever_is_ready()
    {
        var waits = At(Now, Behindhand(DeploymentPhase.DrainingBack, WhenUnconverged.Wait) with { Deadline = Now }).Next with { Fence = 2 };
        var seen = Behind(DeploymentPhase.DrainingBack, oldReady: 0);

        Assert.IsType<Move.Publish>(Machine.Advance(waits, seen, Now.AddDays(1)));
        Assert.IsType<Move.Wait>(Machine.Advance(waits, seen with { Confirmed = true }, Now.AddSeconds(1)));
    }

    [Fact]
    public void Who_waits_on_can_be_aborted()
    {
        var waits = At(Now, Behindhand(DeploymentPhase.Draining, WhenUnconverged.Wait) with { Deadline = Now }).Next;

        Assert.Equal(DeploymentPhase.RestoringCapacity, Commands.Abort(waits, "enough", Now)?.Next.Phase);
    }

    [Theory]
    [InlineData(DeploymentPhase.Draining, DeploymentPhase.Retiring)]
    [InlineData(DeploymentPhase.DrainingBack, DeploymentPhase.RetiringCandidate)]
    public void Who_goes_on_gives_the_pool_its_time_to_drain_and_says_that_it_takes_it_from_proxies(DeploymentPhase phase, DeploymentPhase next)
    {
        var told = At(Now, Behindhand(phase, WhenUnconverged.GoOn) with { Deadline = Now }).Next;
        var over = Now.AddSeconds(told.Policy.DrainSeconds);

        Assert.Equal((over, over), (told.DrainUntil, told.Deadline));
        Assert.IsType<Move.Wait>(Machine.Advance(told, Behind(phase), over.AddMilliseconds(-1)));
        var taken = At(over, told);
        Assert.Equal((next, 0), (taken.Next.Phase, taken.Next.Leftovers.Count));
        Assert.Contains($"may still send to it: {SlowInWords}", taken.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DeploymentPhase.Draining, DeploymentPhase.Retiring)]
    [InlineData(DeploymentPhase.DrainingBack, DeploymentPhase.RetiringCandidate)]
    public void Who_goes_on_does_so_at_once_when_the_last_proxy_has_moved_after_all(DeploymentPhase phase, DeploymentPhase next)
    {
        var told = At(Now, Behindhand(phase, WhenUnconverged.GoOn) with { Deadline = Now }).Next;

        var move = Assert.IsType<Move.Go>(Machine.Advance(told, Behind(phase) with { Behind = [] }, Now.AddSeconds(1)));

        Assert.Equal(next, move.Next.Phase);
        Assert.DoesNotContain("slow", move.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DeploymentPhase.Converging)]
    [InlineData(DeploymentPhase.Draining)]
    [InlineData(DeploymentPhase.ConvergingBack)]
    [InlineData(DeploymentPhase.DrainingBack)]
    public void Who_holds_a_phase_up_is_named_long_before_the_deadline_and_again_only_when_that_has_changed(DeploymentPhase phase)
    {
        var record = Behindhand(phase, WhenUnconverged.TurnBack) with { PhaseSince = Now };
        var (soon, later) = (Now + Lagging.TellFirst, Now + (Lagging.TellFirst * 4));

        Assert.IsType<Move.Wait>(Machine.Advance(record, Behind(phase), soon.AddMilliseconds(-1)));
        var told = At(soon, record);
        Assert.Equal((phase, record.Deadline), (told.Next.Phase, told.Next.Deadline));
        Assert.Contains(SlowInWords, told.Message, StringComparison.Ordinal);
        Assert.IsType<Move.Wait>(Machine.Advance(told.Next, Behind(phase), later));
        var changed = Behind(phase) with { Behind = [Slow with { Stage = ProxyStage.Disconnected }] };
        Assert.IsType<Move.Wait>(Machine.Advance(told.Next, changed, soon.AddMilliseconds(1)));
        Assert.Contains("disconnected", Assert.IsType<Move.Go>(Machine.Advance(told.Next, changed, later)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_that_flaps_for_a_week_does_not_fill_the_history()
    {
        var record = At(Now, Behindhand(DeploymentPhase.Converging, WhenUnconverged.Wait) with { PhaseSince = Now, Deadline = Now }).Next;
        var events = 0;
        for (var now = Now; record.Phase == DeploymentPhase.Converging; now = now.AddSeconds(30))
        {
            var flapping = Behind(record.Phase) with { Behind = [Slow with { Since = now }] };
            if (Machine.Advance(record, flapping, now) is Move.Go go)
            {
                (record, events) = (go.Next, events + 1);
            }
        }

        Assert.InRange(events, 100, Lagging.WaitMax / Lagging.TellLatest + 20);
    }

    [Fact]
    public void A_deployment_from_before_the_policy_was_known_turns_back()
    {
        var text = Json.Write(Behindhand(DeploymentPhase.Converging, WhenUnconverged.TurnBack));
        var before = text.Replace(",\"whenUnconverged\":\"turn-back\"", "", StringComparison.Ordinal);

        Assert.True(before.Length < text.Length);
        Assert.Equal(WhenUnconverged.TurnBack, Json.Read<DeploymentRecord>(before).Policy.WhenUnconverged);
    }

    [Theory]
    [InlineData(null, WhenUnconverged.TurnBack)]
    [InlineData("turn-back", WhenUnconverged.TurnBack)]
    [InlineData("wait", WhenUnconverged.Wait)]
    [InlineData("go-on", WhenUnconverged.GoOn)]
    public void The_policy_is_asked_for_by_name(string? asked, WhenUnconverged expected)
    {
        var validation = new Validation();

        var policy = Policies.Of(Strategy.BlueGreen, new PolicyRequest(WhenUnconverged: asked), validation);

        Assert.Equal((expected, null), (policy.WhenUnconverged, validation.Fault));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Wait")]
    [InlineData("give-up")]
    public void A_policy_that_does_not_exist_is_refused_with_those_that_do(string asked)
    {
        var validation = new Validation();

        Policies.Of(Strategy.BlueGreen, new PolicyRequest(WhenUnconverged: asked), validation);

        var field = Assert.Single(validation.Fault!.Fields);
        Assert.Equal(("policy.whenUnconverged", "one of turn-back, wait, go-on"), (field.Field, field.Expected));
    }

    private static DeploymentRecord Behindhand(DeploymentPhase phase, WhenUnconverged policy)
    {
        var record = In(phase);
        return record with { Policy = record.Policy with { WhenUnconverged = policy } };
    }

    /// <summary>The phase's own table is published, and one proxy has not applied it.</summary>
    private static Seen Behind(DeploymentPhase phase, int oldReady = 2) => Look(oldReady, candidateReady: 2) with
    {
        Table = new RoutingTable(
            Scope,
            3,
            phase switch
            {
                DeploymentPhase.Draining => [new(Candidate.Id, 100)],
                DeploymentPhase.DrainingBack => [new(Old.Id, 100)],
                _ => [new(Candidate.Id, 100), new(Old.Id, 0)],
            },
            Fence: 1),
        Behind = [Slow],
    };

    private static Move.Go At(DateTimeOffset now, DeploymentRecord record) =>
        Assert.IsType<Move.Go>(Machine.Advance(record, Behind(record.Phase), now));
}
