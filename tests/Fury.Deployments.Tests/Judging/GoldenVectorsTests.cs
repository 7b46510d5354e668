using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>The vectors that other judges were reported to get wrong (Kayenta and Spinnaker, by issue), and what is wanted of them.</summary>
public sealed class GoldenVectorsTests
{
    private const double Many = 100;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly JudgePolicy OfValues = new() { WarmUpSeconds = 0, Metrics = [new("gauge", MetricKind.Value)] };
    private static readonly JudgePolicy OfRatios = new() { Metrics = [new("payments", MetricKind.Ratio, Critical: true)] };

    [Fact]
    public void Scenario_13_seven_of_ten_points_a_hundred_times_the_baseline_fail()
    {
        var judgement = Points([Many, Many, Many, Many, Many, Many, Many, 1, 1, 1], 1);

        Assert.Equal((VerdictKind.Fail, Cause.Worse, "gauge"), Decided(judgement));
    }

    [Fact]
    public void Seven_of_ten_points_fail_in_whatever_order_they_come()
    {
        var random = new Random(13);
        for (var round = 0; round < 200; round++)
        {
            double[] points = [Many, Many, Many, Many, Many, Many, Many, 1, 1, 1];
            random.Shuffle(points);

            Assert.Equal(VerdictKind.Fail, Points(points, 1).Verdict.Kind);
        }
    }

    [Fact]
    public void Three_of_six_points_against_none_are_insufficient_and_never_a_pass()
    {
        Judgement? judgement = null;
        foreach (var point in new double[] { 0, 1, 2, 1, 0, 0 })
        {
            judgement = Points([point], 0, judgement);
            Assert.Equal(VerdictKind.Insufficient, judgement.Verdict.Kind);
        }
    }

    [Fact]
    public void Errors_beside_a_baseline_without_an_error_series_fail_when_its_requests_are_there()
    {
        var judgement = Ticks.Lane(
            Ticks.Of(100, 0, 0, 0).Saying(new Reading("payments", 30, 300)),
            Ticks.Of(100, 0, 0, 0, 0).Saying(new Reading("payments", Total: 400))).Times(12).Judged(OfRatios);

        Assert.Equal((VerdictKind.Fail, Cause.Worse, "payments"), Decided(judgement));
    }

    [Fact]
    public void Errors_beside_a_baseline_of_which_nothing_is_told_are_insufficient()
    {
        var judgement = Ticks.Lane(
            Ticks.Of(1000, 0, 0, 0).Saying(new Reading("payments", 30, 300)),
            Ticks.Of(1000, 0, 0, 0, 0).Saying()).Times(100).Judged(OfRatios);

        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), (judgement.Verdict.Kind, judgement.Verdict.Cause));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_empty_sides_are_insufficient_whether_the_series_is_missing_or_zero(bool told)
    {
        Reading[] readings = told ? [new("payments", 0, 0)] : [];
        var judgement = Ticks.Lane(Ticks.Of(1000, 0, 0, 0).Saying(readings), Ticks.Of(1000, 0, 0, 0, 0).Saying(readings)).Times(200).Judged(OfRatios);

        Assert.Equal(VerdictKind.Insufficient, judgement.Verdict.Kind);
    }

    [Fact]
    public void The_same_without_the_metric_passes_so_that_it_is_the_metric_that_held_it() =>
        Assert.Equal(
            VerdictKind.Pass,
            Ticks.Lane(Ticks.Of(1000, 0, 0, 0), Ticks.Of(1000, 0, 0, 0, 0)).Times(200).Judged(OfRatios with { Metrics = [] }).Verdict.Kind);

    /// <summary>A point a minute, beside errorless traffic; judged until it fails.</summary>
    private static Judgement Points(double[] candidate, double current, Judgement? before = null)
    {
        var judgement = before ?? Judgement.Begin();
        foreach (var point in candidate)
        {
            judgement = judgement.Verdict.Kind == VerdictKind.Fail ? judgement : judgement.After(OfValues, Minute, Ticks.Lane(
                Ticks.Of(10, 0, 0).Saying(new Reading("gauge", Points: [point])),
                Ticks.Of(100, 0, 0).Saying(new Reading("gauge", Points: [current]))));
        }

        return judgement;
    }

    private static (VerdictKind, Cause, string?) Decided(Judgement judgement) =>
        (judgement.Verdict.Kind, judgement.Verdict.Cause, judgement.Verdict.Metric);
}
