using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

public sealed class VerdictTests
{
    private static readonly LaneTick Clean = Ticks.Lane(Ticks.Of(25, 0, 0), Ticks.Of("s", 250, 0, 0));

    [Fact]
    public void Nothing_is_no_pass()
    {
        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), Of(Judgement.Begin()));
        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), Of(Judgement.Begin().After(null, TimeSpan.FromSeconds(5))));
        Assert.Equal(
            (VerdictKind.Insufficient, Cause.NoData), Of(Ticks.Lane(new Arm { Ready = 1 }, Ticks.Of(250, 0, 0)).Times(1000).Judged()));
    }

    [Fact]
    public void A_service_without_errors_passes_after_a_few_thousand_requests_of_the_candidate()
    {
        var passed = 0;
        while (passed < 1000 && Clean.Times(passed).Judged().Verdict.Kind != VerdictKind.Pass)
        {
            passed++;
        }

        Assert.InRange(passed * Clean.Candidate.Requests, 2000, 9000);
    }

    [Fact]
    public void A_pass_needs_the_least_number_of_requests_of_both_arms()
    {
        var policy = new JudgePolicy { MinRequests = 100_000 };

        Assert.Equal((VerdictKind.Insufficient, Cause.TooFew), Of(Clean.Times(500).Judged(policy)));
        Assert.Equal((VerdictKind.Pass, Cause.Certified), Of(Clean.Times(2000).Judged(policy)));
    }

    [Fact]
    public void A_tenfold_regression_fails_and_says_the_numbers()
    {
        var verdict = Ticks.Lane(Ticks.Of(100, 1, 1, 1), Ticks.Of("s", 1000, 1, 1, 1)).Times(20).Judged().Verdict;

        Assert.Equal((VerdictKind.Fail, Cause.Worse, "errors"), (verdict.Kind, verdict.Cause, verdict.Metric));
        Assert.Equal([Ticks.Here], verdict.Failing!);
        Assert.Contains("(1 %)", verdict.Reason);
        Assert.Contains("(0.1 %)", verdict.Reason);
        Assert.Contains("1.2 times the current's, 1,625 to 1 needed", verdict.Reason);
    }

    [Fact]
    public void Between_the_tolerated_and_the_acceptable_ratio_it_neither_passes_nor_fails()
    {
        var judgement = Ticks.Lane(Ticks.Of(1000, 2, 1, 2, 1), Ticks.Of("s", 1000, 1, 1, 1, 1, 1, 1, 1, 1)).Times(40).Judged();

        Assert.Equal((VerdictKind.Insufficient, Cause.Undecided), Of(judgement));
        Assert.Contains("errors (", judgement.Verdict.Reason);
    }

    [Fact]
    public void Worse_and_negligible_is_for_a_person_to_weigh_with_its_cost_in_minutes()
    {
        var verdict = Enumerable.Range(0, 1000).Select(tick => Ticks.Lane(
            Ticks.Of(1250, tick % 2, 0, (tick + 1) % 2, 0), Ticks.Of("s", 5000, 0, tick % 10 == 0 ? 1 : 0))).Judged().Verdict;

        Assert.Equal((VerdictKind.Inconclusive, Cause.Budget, "errors"), (verdict.Kind, verdict.Cause, verdict.Metric));
        // 0.02 % of a day is 0.288 minutes, less what the current costs.
        Assert.InRange(verdict.BudgetMinutesPerDay!.Value, 0.25, 0.29);
    }

    [Fact]
    public void Without_a_current_pool_the_candidate_passes_when_its_share_is_proven_to_be_within_the_limit()
    {
        Assert.Equal((VerdictKind.Insufficient, Cause.Undecided), Of(Ticks.Lane(Ticks.Of(100, 0, 0), null).Times(1).Judged()));
        Assert.Equal((VerdictKind.Pass, Cause.Certified), Of(Ticks.Lane(Ticks.Of(100, 1, 1), null).Times(30).Judged()));
    }

    [Fact]
    public void Without_a_current_pool_the_guard_fails_it()
    {
        var verdict = Ticks.Lane(Ticks.Of(100, 15, 10, 12), null).Times(6).Judged().Verdict;

        Assert.Equal((VerdictKind.Fail, Cause.Limit, "errors"), (verdict.Kind, verdict.Cause, verdict.Metric));
        Assert.Contains("more than 5 %", verdict.Reason);
    }

    [Fact]
    public void A_warm_current_pool_without_traffic_is_as_none() =>
        Assert.Equal(VerdictKind.Pass, Ticks.Lane(Ticks.Of(100, 1, 1), Ticks.Of("s", 0, 0, 0)).Times(30).Judged().Verdict.Kind);

    [Fact]
    public void A_minute_after_all_traffic_was_moved_the_candidate_is_no_longer_compared()
    {
        var moved = Ticks.Lane(Ticks.Of(100, 1, 1), Ticks.Of("s", 0, 0, 0));
        var before = Ticks.Lane(Ticks.Of(10, 0, 0), Ticks.Of("s", 1000, 1, 1)).Times(20).Judged().NextStep();

        Assert.Equal(VerdictKind.Insufficient, moved.Times(11).Judged(before: before).Verdict.Kind);
        Assert.Equal(VerdictKind.Pass, moved.Times(30).Judged(before: before).Verdict.Kind);
    }

    [Fact]
    public void A_current_that_failed_until_all_traffic_was_moved_excuses_nothing()
    {
        var before = Ticks.Lane(Ticks.Of(10, 0, 0), Ticks.Of("s", 1000, 500, 500)).Times(20).Judged();
        var judgement = Ticks.Lane(Ticks.Of(1000, 500, 500), Ticks.Of("s", 0, 0, 0)).Times(20).Judged(before: before);

        Assert.Equal((VerdictKind.Fail, Cause.Limit), Of(judgement));
    }

    [Fact]
    public void One_tick_never_condemns()
    {
        var before = Clean.Times(20).Judged();

        Assert.NotEqual(VerdictKind.Fail, Ticks.Lane(Ticks.Of(25, 25, 25), Clean.Current).Times(1).Judged(before: before).Verdict.Kind);
        Assert.Equal(VerdictKind.Fail, Ticks.Lane(Ticks.Of(25, 25, 25), Clean.Current).Times(3).Judged(before: before).Verdict.Kind);
    }

    [Fact]
    public void When_the_proxies_go_dark_it_no_longer_passes_and_does_not_fail()
    {
        var judgement = Clean.Times(500).Judged();
        Assert.Equal(VerdictKind.Pass, judgement.Verdict.Kind);
        for (var tick = 0; tick < 36; tick++)
        {
            judgement = judgement.After(null, TimeSpan.FromSeconds(5));
        }

        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), Of(judgement));
        Assert.Equal(VerdictKind.Pass, Clean.Times(1).Judged(before: judgement).Verdict.Kind);
    }

    [Fact]
    public void A_step_is_left_on_what_was_seen_in_it_and_what_speaks_against_the_candidate_stays()
    {
        var judgement = Clean.Times(500).Judged();
        Assert.Equal(VerdictKind.Insufficient, judgement.NextStep().Verdict.Kind);
        Assert.Equal(VerdictKind.Insufficient, Clean.Times(3).Judged(before: judgement.NextStep()).Verdict.Kind);

        var bad = Ticks.Lane(Ticks.Of(25, 1, 1), Clean.Current).Times(2).Judged(before: judgement);
        Assert.Equal(bad.Whole[0].Worse, bad.NextStep().Whole[0].Worse);
    }

    [Fact]
    public void A_request_that_takes_many_times_the_processor_time_is_worth_a_look()
    {
        Assert.Equal((VerdictKind.Inconclusive, Cause.Saturation), Of(WithCpu(3).Times(500).Judged()));
        Assert.Equal((VerdictKind.Pass, Cause.Certified), Of(WithCpu(1.5).Times(500).Judged()));

        // Hardly loaded replicas take for their rest what others take for their work.
        var idle = WithCpu(3) with { Candidate = WithCpu(3).Candidate with { Ready = 20 } };
        Assert.Equal((VerdictKind.Pass, Cause.Certified), Of(idle.Times(500).Judged()));

        static LaneTick WithCpu(double ratio) => Ticks.Lane(
            Ticks.Of(25, 0, 0) with { CpuSeconds = 0.5 * ratio }, Ticks.Of("s", 25, 0, 0, 0, 0) with { CpuSeconds = 1 });
    }

    [Fact]
    public void Errors_of_a_saturated_candidate_are_counted_apart()
    {
        LaneTick[] ticks =
        [
            .. Ticks.Lane(Ticks.Of(100, 1, 0) with { CpuSeconds = 9.5, CpuCores = 2 }, Clean.Current).Times(4),
            .. Ticks.Lane(Ticks.Of(100, 0, 0) with { CpuSeconds = 2, CpuCores = 2 }, Clean.Current).Times(6),
        ];
        var facts = Facts.Of(new(), ticks.Judged());

        Assert.Equal("4/800", facts[$"errorsWhileSaturated@{Ticks.Here}"]);
        Assert.Equal("0/1200", facts[$"errorsOtherwise@{Ticks.Here}"]);
    }

    [Fact]
    public void The_facts_hold_the_counts_the_evidence_and_what_was_needed()
    {
        var facts = Facts.Of(new(), Ticks.Lane(Ticks.Of(100, 1, 0, 0), Ticks.Of("s", 1000, 1, 1, 1)).Times(3).Judged());

        Assert.Equal("3/900", facts["errors.candidate"]);
        Assert.Equal("9/9000", facts["errors.current"]);
        Assert.Equal("1625", facts["errors.needed"]);
        Assert.Equal("20", facts["errors.neededToPass"]);
        Assert.Equal("r0", facts["errors.worstReplica"]);
        Assert.All(new[] { "worse", "worseWithoutIt", "acceptable", "negligible", "dispersion" }, fact => Assert.Contains($"errors.{fact}", facts.Keys));
    }

    [Fact]
    public void A_tick_without_length_is_a_bug() =>
        Assert.Throws<ArgumentException>(() => Judgement.Begin().After(null, TimeSpan.Zero, Clean));

    private static (VerdictKind, Cause) Of(Judgement judgement) => (judgement.Verdict.Kind, judgement.Verdict.Cause);
}
