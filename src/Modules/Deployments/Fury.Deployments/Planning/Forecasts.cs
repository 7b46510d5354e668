using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;

namespace Fury.Deployments.Planning;

/// <summary>How long it takes to be sure, given requests per second to the lanes of a step and the candidate's part of them (0 to 1).</summary>
internal delegate double SecondsOfEvidence(double requestsPerSecond, double part);

/// <summary>Plan + present traffic → what is to be expected of it. Pure.</summary>
internal static class Forecasts
{
    /// <summary>The weights that are proposed where a step's own has no power.</summary>
    private static readonly decimal[] Proposed = [2, 5, 10, 25, 50];

    public static IReadOnlyList<StepForecast> Steps(Plan plan, Policy policy, double requestsPerSecond, SecondsOfEvidence evidence) =>
        [.. plan.Cells.Select((_, index) => Step(plan, policy, index, requestsPerSecond, evidence))];

    /// <summary>A sentence for each step that cannot be expected to find enough evidence before its deadline, with what would help.</summary>
    public static IEnumerable<string> Powerless(Plan plan, IReadOnlyList<StepForecast> steps, double requestsPerSecond, SecondsOfEvidence evidence)
    {
        for (var index = 0; index < steps.Count; index++)
        {
            var (cell, step) = (plan.Cells[index], steps[index]);
            if (step.EvidenceSeconds is not { } needed || needed <= cell.DeadlineSeconds)
            {
                continue;
            }

            var rate = requestsPerSecond * ShareOf(plan, cell);
            var better = Proposed.Where(weight => weight > cell.Weight && evidence(rate, (double)weight / 100) <= cell.DeadlineSeconds).Take(1).ToList();
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Step {index + 1} has no power: at {rate:0.##} requests/s and {cell.Weight:0.##} % it needs {Span(needed)} to be sure, ")
                + $"and has {Span(cell.DeadlineSeconds)}. "
                + (better is [var weight]
                    ? $"Begin with {weight:0.##} %, give it a longer deadline, or leave it by time or by hand."
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

    private static StepForecast Step(Plan plan, Policy policy, int index, double requestsPerSecond, SecondsOfEvidence evidence)
    {
        var cell = plan.Cells[index];
        var status = DeploymentView.StepOf(plan.Lanes, plan.Cells, index, policy.HeadroomPercent);
        double? sure = cell.Gate == Gate.Evidence ? evidence(requestsPerSecond * ShareOf(plan, cell), (double)cell.Weight / 100) : null;
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

    /// <summary>The part of the scope's traffic that goes to the lanes of a cell, 0 to 1.</summary>
    private static double ShareOf(Plan plan, Cell cell) => (double)cell.Lanes.Sum(lane => plan.Lanes[lane].Share) / 100;
}
