using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Judging;

public sealed class MetricRuleTests
{
    private static readonly MetricRule Payments = new("payments", MetricKind.Ratio);

    [Fact]
    public void Twice_as_many_failed_payments_fail_the_candidate() =>
        Assert.Equal((VerdictKind.Fail, "payments"), Of(Tick(20, 2).Times(100).Judged(With(Payments), stopAt: Cause.Worse)));

    [Fact]
    public void As_many_pass() => Assert.Equal(VerdictKind.Pass, Tick(2, 2).Times(600).Judged(With(Payments)).Verdict.Kind);

    [Fact]
    public void What_should_be_many_fails_when_it_gets_less()
    {
        var rule = Payments with { Worse = Direction.Decrease };

        Assert.Equal((VerdictKind.Fail, "payments"), Of(Tick(80, 98).Times(100).Judged(With(rule), stopAt: Cause.Worse)));
        Assert.Equal(VerdictKind.Pass, Tick(98, 98).Times(600).Judged(With(rule)).Verdict.Kind);
    }

    [Fact]
    public void A_metric_in_shadow_is_judged_and_told_and_never_decides()
    {
        var policy = With(Payments with { Shadow = true });
        var judgement = Tick(20, 2).Times(500).Judged(policy);

        Assert.Equal(VerdictKind.Pass, judgement.Verdict.Kind);
        Assert.True(Evidence.Of(judgement.Whole.Single(evidence => evidence.Metric == "payments").Worse) > 20);
        Assert.Equal("true", Facts.Of(policy, judgement)["payments.shadow"]);
    }

    [Fact]
    public void A_metric_that_must_have_data_holds_the_pass_and_one_that_need_not_does_not()
    {
        var silent = Ticks.Lane(Ticks.Of(100, 0, 0, 0), Ticks.Of("s", 1000, 0, 0, 0));

        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), Verdict(silent, Payments));
        Assert.Equal((VerdictKind.Pass, Cause.Certified), Verdict(silent, Payments with { MustHaveData = false }));

        static (VerdictKind, Cause) Verdict(LaneTick tick, MetricRule rule)
        {
            var verdict = tick.Times(200).Judged(With(rule)).Verdict;
            return (verdict.Kind, verdict.Cause);
        }
    }

    [Fact]
    public void When_the_source_goes_dark_it_does_not_pass_and_the_guard_of_the_mesh_still_works()
    {
        var judgement = Tick(2, 2).Times(600).Judged(With(Payments));
        Assert.Equal(VerdictKind.Pass, judgement.Verdict.Kind);
        var dark = Tick(2, 2) with { Candidate = Ticks.Of(100, 0, 0, 0), Current = Ticks.Of("s", 1000, 1, 0, 0) };
        for (var tick = 0; tick < 36; tick++)
        {
            judgement = dark.Times(1).Judged(With(Payments), judgement);
            Assert.NotEqual(VerdictKind.Fail, judgement.Verdict.Kind);
        }

        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), (judgement.Verdict.Kind, judgement.Verdict.Cause));
        var broken = dark with { Candidate = Ticks.Of(100, 50, 50, 50) };
        Assert.Equal((VerdictKind.Fail, "errors"), Of(broken.Times(10).Judged(With(Payments), judgement, stopAt: Cause.Worse)));
    }

    [Fact]
    public void A_candidate_whose_series_is_the_currents_is_found_before_it_has_traffic()
    {
        var policy = With(Payments);
        var judgement = Judgement.Begin();
        for (var tick = 0; tick < SelfCheck.SameTicks; tick++)
        {
            Assert.Empty(SelfCheck.Of(judgement));
            var reading = new Reading("payments", tick, 5000 + tick);
            judgement = Ticks.Lane(new Arm { Ready = 2 }.Saying(reading), Ticks.Of("s", 1000, 0, 0).Saying(reading)).Times(1).Judged(policy, judgement);
        }

        Assert.Equal([new SeriesFault("payments", Ticks.Here, SeriesProblem.Same)], SelfCheck.Of(judgement));
        Assert.Equal((VerdictKind.Inconclusive, Cause.Series), (judgement.Verdict.Kind, judgement.Verdict.Cause));
    }

    [Fact]
    public void Gauges_that_stand_still_at_the_same_value_are_no_mistake()
    {
        var policy = new JudgePolicy { Metrics = [new("threads", MetricKind.Value)] };
        var same = new Reading("threads", Points: [64]);

        Assert.Empty(SelfCheck.Of(Ticks.Lane(Ticks.Of(10, 0).Saying(same), Ticks.Of("s", 10, 0).Saying(same)).Times(50).Judged(policy)));
    }

    [Fact]
    public void A_current_whose_series_is_empty_is_found()
    {
        var judgement = Ticks.Lane(new Arm { Ready = 1 }, Ticks.Of("s", 100, 0)).Times(1).Judged(With(Payments));

        Assert.Equal([new SeriesFault("payments", Ticks.Here, SeriesProblem.Empty)], SelfCheck.Of(judgement));
    }

    [Theory]
    [InlineData(1.0, 0.1)]
    [InlineData(30, 0.2)]
    [InlineData(120, 0.2)]
    public void A_gauge_that_swings_slowly_does_not_condemn_more_often_than_was_promised(double correlationSeconds, double spread)
    {
        var policy = new JudgePolicy { Metrics = [new("gauge", MetricKind.Value)] };
        var failed = 0;
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var judgement = Judgement.Begin();
            var (ours, theirs) = (SimulatedTraffic.Normal(random), SimulatedTraffic.Normal(random));
            var keeps = Math.Exp(-20 / correlationSeconds);
            for (var tick = 0; tick < 180 && judgement.Verdict.Kind != VerdictKind.Fail; tick++)
            {
                ours = (keeps * ours) + (Math.Sqrt(1 - (keeps * keeps)) * SimulatedTraffic.Normal(random));
                theirs = (keeps * theirs) + (Math.Sqrt(1 - (keeps * keeps)) * SimulatedTraffic.Normal(random));
                judgement = judgement.After(policy, TimeSpan.FromSeconds(20), Ticks.Lane(
                    Ticks.Of(10, 0).Saying(new Reading("gauge", Points: [100 * Math.Exp(spread * ours)])),
                    Ticks.Of("s", 100, 0).Saying(new Reading("gauge", Points: [100 * Math.Exp(spread * theirs)]))));
            }

            failed += judgement.Verdict.Kind == VerdictKind.Fail ? 1 : 0;
        }

        Assert.InRange(failed, 0, 4);
    }

    [Fact]
    public void Weights_share_the_false_alarms_and_values_and_shadows_take_none()
    {
        var metrics = Metric.Of(new()
        {
            Metrics =
            [
                Payments, new("carts", MetricKind.Ratio, Critical: true), new("queue", MetricKind.Value), new("muted", MetricKind.Ratio, Shadow: true),
            ],
        });

        Assert.Equal(0.001, metrics.Where(metric => !metric.IsValue && !metric.Shadow).Sum(metric => Math.Exp(-metric.Need)), 9);
        Assert.Equal(4, Math.Exp(metrics.Single(metric => metric.Name == "payments").Need - metrics.Single(metric => metric.Name == "carts").Need), 9);
        Assert.Equal(0.02, Math.Exp(-metrics.Single(metric => metric.Name == "queue").Need), 9);
    }

    [Fact]
    public void The_defaults_are_valid_and_every_bad_field_is_named()
    {
        var validation = new Validation();
        With(Payments).Check(validation);
        Assert.Null(validation.Fault);

        new JudgePolicy
        {
            FalseAlarm = 0,
            FalsePass = 0.7,
            AcceptableRatio = 1.1,
            MaxErrorPercent = 101,
            MinRequests = 0,
            Metrics = [Payments, Payments with { Tolerance = -1 }, new("errors", MetricKind.Ratio)],
        }.Check(validation);
        Assert.Equal(
            [
                "judge.falseAlarm", "judge.falsePass", "judge.acceptableRatio", "judge.maxErrorPercent", "judge.minRequests", "judge.metrics", "judge.metrics",
                "judge.metrics[payments].tolerance", "judge.metrics",
            ],
            validation.Fault!.Fields.Select(field => field.Field));
    }

    private static JudgePolicy With(MetricRule rule) => new() { Metrics = [rule] };

    /// <summary>So many percent of payments in each arm, with errors of the data plane in none.</summary>
    private static LaneTick Tick(double candidate, double current) => Ticks.Lane(
        Ticks.Of(100, 0, 0, 0).Saying(new Reading("payments", candidate, 100)),
        Ticks.Of("s", 1000, 0, 0, 0).Saying(new Reading("payments", current * 10, 1000)));

    private static (VerdictKind, string?) Of(Judgement judgement) => (judgement.Verdict.Kind, judgement.Verdict.Metric);
}
