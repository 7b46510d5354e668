using Xunit.Abstractions;

namespace Fury.Deployments.Tests.Judging;

/// <summary>
/// The judge against simulated deployments, some hundreds here and thousands in the long run (<c>./dev test --soak</c>, <c>./dev bench judge</c>). Seeds
/// are fixed, so that the same numbers come out each time.
/// </summary>
public sealed class FalseAlarmTests(ITestOutputHelper output)
{
    private const int Seed = 1000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly SimulatedTraffic Traffic = new();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    public void A_candidate_that_is_no_worse_is_not_taken_back(double burst) =>
        Assert.Equal(0, Failed(100, Traffic with { Burst = burst }, Hour / 2));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    public void Nor_when_the_proxies_tell_no_replicas(double burst) =>
        Assert.Equal(0, Failed(150, Traffic with { Burst = burst, TellsReplicas = false, MeasuresLatency = false }, Hour / 2));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Nor_when_one_of_its_replicas_is_ill_which_is_found(int candidates)
    {
        var trials = Trial.Many(150, Traffic with { IllFrom = 60, Candidates = candidates }, Hour / 4, Seed);

        Assert.All(trials, trial => Assert.False(trial.Failed, trial.Last.Reason));
        Assert.All(trials, trial => Assert.True(trial.Nodes >= 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Nor_when_both_arms_fail_half_of_their_requests(int candidates)
    {
        Assert.Equal(0, Failed(100, Traffic with { Incident = 20..60, Candidates = candidates }, Hour / 4));
        Assert.Equal(0, Failed(100, Traffic with { Incident = 0..60, Candidates = candidates }, Hour / 4));
    }

    [Fact]
    public void Nor_when_replicas_differ_for_good_by_a_fifth() => Assert.Equal(0, Failed(100, Traffic with { Unlike = 0.2 }, Hour / 2));

    [Fact]
    public void A_tenfold_regression_is_found_in_half_a_minute_at_the_price_of_twenty_errors()
    {
        var trials = Trial.Many(300, Traffic with { Ratio = 10 }, Hour / 6, Seed);

        Assert.All(trials, trial => Assert.True(trial.Failed));
        Assert.InRange(Median(trials.Select(trial => trial.Ended.TotalSeconds)), 5, 30);
        Assert.InRange(Median(trials.Select(trial => trial.Excess)), 1, 20);
    }

    [Fact]
    public void A_regression_after_half_an_hour_is_found_nearly_as_fast()
    {
        var trials = Trial.Many(60, Traffic with { Ratio = 10, Onset = 360 }, Hour, Seed);

        Assert.All(trials, trial => Assert.True(trial.Failed));
        Assert.InRange(Median(trials.Select(trial => trial.Ended.TotalSeconds)), 5, 60);
    }

    [Fact]
    public void Twice_the_errors_pass_no_more_often_than_was_promised()
    {
        var trials = Trial.Many(200, Traffic with { Ratio = 2 }, Hour / 2, Seed);

        // One in twenty is promised, and ten of two hundred are that; three standard deviations more are the simulation's.
        Assert.InRange(trials.Count(trial => trial.Passed is not null), 0, 19);
    }

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData(1, 4000)]
    [InlineData(5, 4000)]
    [InlineData(20, 4000)]
    public void At_most_one_in_a_thousand_is_taken_back_wrongly(double burst, int trials) =>
        Assert.InRange(Failed(trials, Traffic with { Burst = burst }, Hour), 0, trials / 1000);

    private int Failed(int count, SimulatedTraffic traffic, TimeSpan span)
    {
        var failed = Trial.Many(count, traffic, span, Seed).Where(trial => trial.Failed).ToList();
        output.WriteLine($"seeds {Seed} to {Seed + count - 1}: {failed.Count} of {count} failed");
        failed.Take(5).ToList().ForEach(trial => output.WriteLine(trial.Last.Reason));
        return failed.Count;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
