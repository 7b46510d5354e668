namespace Fury.Deployments.Judging;

/// <summary>What a step would be like.</summary>
/// <param name="RequestsPerSecond">Of the scope.</param>
/// <param name="Weight">The candidate's part, above 0 up to 1. At 1 there is nothing to compare with.</param>
/// <param name="ErrorShare">Of both arms.</param>
/// <param name="Phi">How clumped errors are, as <see cref="Judgement.Dispersions"/> of the last deployment had it; at least 1.</param>
internal sealed record Conditions(double RequestsPerSecond, double Weight, double ErrorShare, double Phi = 1);

/// <summary>
/// How long the judge will need, told before a deployment begins. Evidence is expected to grow by the mean of its bets, so that the time is where that
/// line meets the threshold; simulations lie around it.
/// </summary>
internal static class Power
{
    /// <summary>Longer than this is never.</summary>
    private const double SecondsMax = 7 * 86_400;

    private static readonly double[] Weights = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5];

    /// <summary>The time after which a candidate that is as good as the current is expected to pass; null when that is not to be expected in a week.</summary>
    public static TimeSpan? ToPass(JudgePolicy policy, Conditions step)
    {
        var errors = Metric.Of(policy).First(metric => metric.Name == Metric.Errors);
        var requests = step.RequestsPerSecond * step.Weight;
        var mine = new Tally(requests * step.ErrorShare, requests);
        var all = step.RequestsPerSecond * step.ErrorShare;
        var seconds = step.Weight >= 1
            ? Against(errors.Limit)
            : Math.Min(
                Until([.. Bets.Alike.Select(ratio => Bets.Odds(mine.Events, all, step.Weight, errors.Acceptable, ratio))]),
                Against(errors.Negligible));
        var fewest = step.RequestsPerSecond * (step.Weight >= 1 ? 1 : Math.Min(step.Weight, 1 - step.Weight));
        var time = Math.Max(seconds, Math.Max(policy.WarmUpSeconds, policy.MinRequests / fewest));
        return time <= SecondsMax ? TimeSpan.FromSeconds(time) : null;

        double Against(double share) => Until([.. Bets.Below.Select(odds => Bets.Odds(mine.Events, mine.Total, share, 1, odds))]);

        // The mean of exponentials is convex in time and begins at one: where it is above the threshold, it stays.
        double Until(double[] aSecond)
        {
            var (below, above) = (0.0, 2 * SecondsMax);
            for (var halving = 0; halving < 50; halving++)
            {
                var middle = (below + above) / 2;
                var proven = Evidence.Of(Array.ConvertAll(aSecond, won => won / Math.Max(1, step.Phi) * middle)) >= -Math.Log(policy.FalsePass);
                (below, above) = proven ? (below, middle) : (middle, above);
            }

            return above;
        }
    }

    /// <summary>The least usual weight with which the step is expected to pass in time; null when none is.</summary>
    public static double? LeastWeight(JudgePolicy policy, Conditions step, TimeSpan within) =>
        Weights.Where(weight => ToPass(policy, step with { Weight = weight }) <= within).Select(weight => (double?)weight).FirstOrDefault();
}
