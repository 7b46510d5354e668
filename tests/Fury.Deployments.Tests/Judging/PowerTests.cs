using Fury.Deployments.Judging;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests.Judging;

public sealed class PowerTests(ITestOutputHelper output)
{
    private static readonly JudgePolicy OfRatioOnly = new() { NegligibleErrorPercent = 1e-6 };

    [Theory]
    // The times of the simulation that the judge was designed by (seconds, ratio below 2 and below 1.5), within a factor of two.
    [InlineData(100, 0.05, 1620, 4860)]
    [InlineData(100, 0.5, 300, 1480)]
    [InlineData(1000, 0.01, 760, 2750)]
    [InlineData(1000, 0.05, 240, 680)]
    [InlineData(1000, 0.5, 60, 120)]
    [InlineData(10_000, 0.05, 30, 70)]
    public void The_expected_time_is_that_of_the_simulations(double requestsPerSecond, double weight, double two, double oneAndAHalf)
    {
        var step = new Conditions(requestsPerSecond, weight, 0.001);

        Assert.InRange(Power.ToPass(OfRatioOnly, step)!.Value.TotalSeconds, two / 2, two * 2);
        Assert.InRange(Power.ToPass(OfRatioOnly with { AcceptableRatio = 1.5 }, step)!.Value.TotalSeconds, oneAndAHalf / 2, oneAndAHalf * 2);
    }

    [Theory]
    [InlineData(1000, 0.05, 0.001, 1)]
    [InlineData(100, 0.5, 0.001, 1)]
    [InlineData(1000, 0.25, 0.002, 5)]
    [InlineData(200, 0.1, 0.0, 1)]
    [InlineData(50, 0.5, 0.01, 1)]
    public void The_judge_takes_as_long_as_was_expected(double requestsPerSecond, double weight, double errorShare, double burst)
    {
        var traffic = new SimulatedTraffic
        {
            RequestsPerSecond = requestsPerSecond,
            Weight = weight,
            ErrorShare = errorShare,
            Burst = burst,
            Currents = 8,
            MeasuresLatency = false,
        };
        var expected = Power.ToPass(new(), new(requestsPerSecond, weight, errorShare, (2 * burst) - 1))!.Value.TotalSeconds;
        var measured = Trial.Many(60, traffic, TimeSpan.FromSeconds(expected * 5), seed: 7)
            .Select(trial => trial.Passed?.TotalSeconds ?? expected * 5).Order().ToList();
        output.WriteLine($"expected {expected:0} s, median {measured[30]:0} s");

        Assert.InRange(measured[30], expected / 2, expected * 2);
    }

    [Fact]
    public void A_service_with_little_traffic_is_told_to_take_a_larger_weight()
    {
        var step = new Conditions(12, 0.05, 0.001);

        Assert.InRange(Power.ToPass(new(), step)!.Value.TotalHours, 3, 7);
        Assert.Equal(0.25, Power.LeastWeight(new(), step, TimeSpan.FromHours(2)));
        Assert.Null(Power.LeastWeight(new(), step, TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Two_requests_a_second_at_one_percent_are_never_enough() => Assert.Null(Power.ToPass(OfRatioOnly, new(0.02, 0.01, 0.001)));

    [Fact]
    public void With_all_the_traffic_it_is_held_against_the_limit() =>
        Assert.InRange(Power.ToPass(new(), new(10, 1, 0.001))!.Value.TotalSeconds, 10, 60);
}
