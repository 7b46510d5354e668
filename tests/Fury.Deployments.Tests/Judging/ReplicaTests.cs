using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>One ill replica is its place's fault, several are the release's.</summary>
public sealed class ReplicaTests
{
    private static readonly Arm Current = Ticks.Of("s", 250, 0, 1, 0, 0);

    [Fact]
    public void One_replica_that_fails_is_named_and_left_out_and_the_judgement_goes_on()
    {
        var judgement = Ticks.Lane(Ticks.Of(50, 0, 0, 20, 0), Current).Times(10).Judged(stopAt: Cause.Node);

        Assert.Equal((VerdictKind.Inconclusive, Cause.Node, "r2"), (judgement.Verdict.Kind, judgement.Verdict.Cause, judgement.Verdict.Replica));
        Assert.Contains("r2", judgement.Verdict.Reason);

        var goesOn = Ticks.Lane(Ticks.Of(50, 0, 0, 20, 0), Current).Times(400).Judged(before: judgement);
        Assert.Equal(VerdictKind.Pass, goesOn.Verdict.Kind);
        Assert.Equal("r2", Assert.Single(goesOn.Lanes[0].Health.Ill).Replica);
    }

    [Fact]
    public void All_replicas_that_fail_are_the_release()
    {
        var judgement = Ticks.Lane(Ticks.Of(50, 5, 5, 5, 5), Current).Times(10).Judged(stopAt: Cause.Worse);

        Assert.Equal(VerdictKind.Fail, judgement.Verdict.Kind);
        Assert.Empty(judgement.Lanes[0].Health.Ill);
    }

    [Fact]
    public void The_only_replica_is_ill_first_and_when_the_next_one_is_ill_too_it_is_the_release()
    {
        var first = Ticks.Lane(Ticks.Of("a", 50, 10), Current).Times(20).Judged(stopAt: Cause.Node);
        Assert.Equal("a0", first.Verdict.Replica);

        Assert.Equal(VerdictKind.Insufficient, Ticks.Lane(Ticks.Of("a", 50, 10), Current).Times(100).Judged(before: first).Verdict.Kind);

        var second = Ticks.Lane(Ticks.Of("b", 50, 10), Current).Times(20).Judged(before: first, stopAt: Cause.Ill);
        Assert.Equal(VerdictKind.Fail, second.Verdict.Kind);
        Assert.Contains("a0 (errors), b0 (errors)", second.Verdict.Reason);
    }

    [Fact]
    public void A_quarter_of_the_replicas_may_be_ill_one_after_the_other()
    {
        var (judgement, replicas) = (Judgement.Begin(), 12);
        for (var ill = 0; ill < 3; ill++)
        {
            judgement = Ticks.Lane(WithIll(ill), Current).Times(40).Judged(before: judgement, stopAt: Cause.Node);
            Assert.Equal((Cause.Node, $"r{ill}"), (judgement.Verdict.Cause, judgement.Verdict.Replica));
        }

        judgement = Ticks.Lane(WithIll(3), Current).Times(40).Judged(before: judgement, stopAt: Cause.Ill);
        Assert.Equal((VerdictKind.Fail, Cause.Ill), (judgement.Verdict.Kind, judgement.Verdict.Cause));

        Arm WithIll(int ill) => Ticks.Of(50, [.. Enumerable.Range(0, replicas).Select(index => index == ill ? 25L : 0)]);
    }

    [Fact]
    public void Proxies_that_tell_no_replicas_can_exonerate_none() =>
        Assert.Equal(
            VerdictKind.Fail,
            Ticks.Lane(Ticks.Of(50, 0, 0, 20, 0) with { Replicas = null }, Current).Times(10).Judged(stopAt: Cause.Worse).Verdict.Kind);

    [Fact]
    public void One_replica_that_crashes_condemns_nobody_and_two_of_four_do()
    {
        var one = Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0).Restarting(1), Current).Times(3).Judged();
        Assert.Equal((VerdictKind.Inconclusive, Cause.Node, "r0"), (one.Verdict.Kind, one.Verdict.Cause, one.Verdict.Replica));
        Assert.NotEqual(VerdictKind.Fail, Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0).Restarting(5), Current).Times(100).Judged(before: one).Verdict.Kind);

        var two = Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0).Restarting(1, 1), Current).Times(3).Judged();
        Assert.Equal((VerdictKind.Fail, Cause.Ill), (two.Verdict.Kind, two.Verdict.Cause));
        Assert.Contains("r1 (restarted 3 times)", two.Verdict.Reason);
    }

    [Fact]
    public void When_the_current_pool_crashes_as_well_it_is_not_the_release()
    {
        var verdict = Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0).Restarting(1, 1), Current.Restarting(1, 1)).Times(3).Judged().Verdict;

        Assert.Equal((VerdictKind.Inconclusive, Cause.Shared), (verdict.Kind, verdict.Cause));
    }

    [Fact]
    public void Restarts_that_are_forgiven_one_by_one_condemn_when_all_replicas_have_them()
    {
        var (judgement, policy) = (Judgement.Begin(), new JudgePolicy { MaxRestarts = 1000 });
        for (var tick = 0; tick < 700 && judgement.Verdict.Kind != VerdictKind.Fail; tick++)
        {
            var restarts = new int[4];
            restarts[tick / 6 % 4] = tick % 6 == 0 ? 1 : 0;
            var current = Current.Restarting(tick % 100 == 0 ? 1 : 0);
            judgement = Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0).Restarting(restarts), current).Times(1).Judged(policy, judgement);
        }

        Assert.Equal((VerdictKind.Fail, Cause.Worse, "restarts"), (judgement.Verdict.Kind, judgement.Verdict.Cause, judgement.Verdict.Metric));
    }

    [Fact]
    public void A_candidate_without_a_ready_replica_has_a_while_and_then_fails()
    {
        var ready = Ticks.Lane(Ticks.Of(50, 0, 0), Current).Times(1).Judged();
        var gone = Ticks.Lane(new Arm(), Current);

        Assert.NotEqual(VerdictKind.Fail, gone.Times(5).Judged(before: ready).Verdict.Kind);
        Assert.Equal((VerdictKind.Fail, Cause.Unready), Of(gone.Times(6).Judged(before: ready)));
        Assert.NotEqual(VerdictKind.Fail, gone.Times(60).Judged().Verdict.Kind);
        Assert.NotEqual(VerdictKind.Fail, (gone with { Current = new Arm() }).Times(60).Judged(before: ready).Verdict.Kind);
        Assert.Equal((VerdictKind.Fail, Cause.Unready), Of((gone with { Current = null }).Times(6).Judged(before: ready)));
    }

    [Fact]
    public void A_clump_of_errors_in_one_replica_in_one_tick_condemns_nobody()
    {
        var clump = Ticks.Lane(Ticks.Of(50, 40, 0, 0, 0), Current).Times(1).Judged(before: Ticks.Lane(Ticks.Of(50, 0, 0, 0, 0), Current).Times(10).Judged());

        Assert.Equal(VerdictKind.Insufficient, clump.Verdict.Kind);
    }

    private static (VerdictKind, Cause) Of(Judgement judgement) => (judgement.Verdict.Kind, judgement.Verdict.Cause);
}
