using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;

namespace Fury.Deployments.Tests;

/// <summary>What a plan says of itself before anything is done.</summary>
public sealed class ForecastsTests
{
    [Fact]
    public void A_service_with_hardly_any_traffic_is_told_which_steps_have_no_power_and_what_would_help()
    {
        var (plan, policy) = Canary(Gate.Evidence);
        var traffic = new PresentTraffic(12, 0.001, 1);

        var steps = Forecasts.Steps(plan, policy, traffic);
        var warnings = Forecasts.Powerless(plan, policy, steps, traffic).ToList();

        Assert.Null(steps[0].ExpectedSeconds);
        Assert.Null(Forecasts.Total(policy, steps, bakes: true));
        Assert.StartsWith("Step 1 has no power: at 12 requests/s and 1 % it needs ", warnings[0], StringComparison.Ordinal);
        Assert.Contains("and has 60 min. ", warnings[0], StringComparison.Ordinal);
        Assert.All(warnings, warning => Assert.Contains("leave it by time or by hand.", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_with_much_traffic_is_told_how_long_it_takes()
    {
        var (plan, policy) = Canary(Gate.Evidence);
        var traffic = new PresentTraffic(10_000, 0.001, 1);

        var steps = Forecasts.Steps(plan, policy, traffic);

        Assert.Empty(Forecasts.Powerless(plan, policy, steps, traffic));
        Assert.All(steps, step => Assert.InRange(step.ExpectedSeconds!.Value, step.Step.MinSeconds, step.Step.DeadlineSeconds));
        Assert.Equal(steps.Sum(step => step.ExpectedSeconds) + policy.BakeSeconds, Forecasts.Total(policy, steps, bakes: true));
    }

    [Fact]
    public void What_is_left_by_time_takes_its_time_and_what_is_left_by_hand_is_not_to_be_known()
    {
        var (timed, policy) = Canary(Gate.Timed);

        Assert.Equal(5 * 300, Forecasts.Total(policy, Forecasts.Steps(timed, policy, new(0, 0, 1)), bakes: false));
        Assert.Null(Forecasts.Total(policy, Forecasts.Steps(Canary(Gate.Manual).Plan, policy, new(0, 0, 1)), bakes: false));
    }

    private static (Plan Plan, Policy Policy) Canary(Gate gate)
    {
        var policy = Policies.DefaultOf(Strategy.Canary);
        Lane[] lanes = [new(AMoment.Old, AMoment.Candidate)];
        return (new(lanes, [.. Cells.Of(Strategy.Canary, policy, [], lanes).Value.Select(cell => cell with { Gate = gate })]), policy);
    }
}
