using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;

namespace Fury.Deployments.Planning;

/// <summary>Plan + present traffic → what is to be expected of it. Pure.</summary>
internal static class Forecasts
{
    public static IReadOnlyList<StepForecast> Steps(Plan plan, Policy policy, PresentTraffic traffic) =>
        [.. plan.Cells.Select((_, index) => Step(plan, policy, index, traffic))];

    /// <summary>A sentence for each step that cannot be expected to find enough evidence before its deadline, with what would help.</summary>
    public static IEnumerable<string> Powerless(Plan plan, Policy policy, IReadOnlyList<StepForecast> steps, PresentTraffic traffic)
    {
        for (var index = 0; index < steps.Count; index++)
        {
            var (cell, step) = (plan.Cells[index], steps[index]);
            if (step.EvidenceSeconds is not { } needed || needed <= cell.DeadlineSeconds)
            {
                continue;
            }

            var conditions = ConditionsOf(plan, cell, traffic);
            var better = Power.LeastWeight(JudgePolicies.Of(policy), conditions, TimeSpan.FromSeconds(cell.DeadlineSeconds));
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Step {index + 1} has no power: at {conditions.RequestsPerSecond:0.##} requests/s and {cell.Weight:0.##} % it needs {Span(needed)} ")
                + $"to be sure, and has {Span(cell.DeadlineSeconds)}. "
                + (better is { } weight
                    ? $"Begin with {100 * weight:0.##} %, give it a longer deadline, or leave it by time or by hand."
                    : "Give it a longer deadline, send it more requests (mirrored or made up), or leave it by time or by hand.");
        }
    }

    /// <summary>Null when a step's own time is not known.</summary>
    public static double? Total(Policy policy, IReadOnlyList<StepForecast> steps, bool bakes) =>
        steps.Any(step => step.ExpectedSeconds is null) ? null : steps.Sum(step => step.ExpectedSeconds) + (bakes ? policy.BakeSeconds : 0);

    public static string Span(double seconds) => seconds switch
    {
        double.PositiveInfinity => "for ever",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} h"),
    };

    private static StepForecast Step(Plan plan, Policy policy, int index, PresentTraffic traffic)
    {
        var cell = plan.Cells[index];
        var status = DeploymentView.StepOf(plan.Lanes, plan.Cells, index, policy.HeadroomPercent);
        double? sure = cell.Gate == Gate.Evidence
            ? Power.ToPass(JudgePolicies.Of(policy), ConditionsOf(plan, cell, traffic))?.TotalSeconds ?? double.PositiveInfinity
            : null;
        return new(
            status,
            cell.Gate switch
            {
                Gate.Timed => cell.MinSeconds,
                Gate.Evidence when sure <= cell.DeadlineSeconds => Math.Max(cell.MinSeconds, sure.Value),
                _ => null,
            },
            sure);
    }

    private static Conditions ConditionsOf(Plan plan, Cell cell, PresentTraffic traffic) =>
        traffic.At(cell.Weight, cell.Lanes.Select(lane => plan.Lanes[lane]));
}
