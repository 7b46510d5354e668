using Fury.Deployments.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>What the judge goes by, from what a deployment's policy says.</summary>
internal static class JudgePolicies
{
    /// <summary>A source is asked a few times a minute, and what it says is some seconds old already.</summary>
    private const int DarkSecondsOfSources = 90;

    /// <summary>A pass proves less than so many times what is tolerated: 2 for the usual 1.2.</summary>
    private const double AcceptableOfTolerated = 5 / 3.0;

    public static JudgePolicy Of(Policy policy)
    {
        var usual = new JudgePolicy();
        return usual with
        {
            MaxErrorPercent = policy.MaxErrorPercent,
            MinRequests = policy.MinRequests,
            MaxRestarts = policy.MaxRestarts,
            MaxP99Ms = policy.MaxP99Ms,
            ExtraLatencyMs = policy.ExtraLatencyMs,
            ToleratedRatio = policy.ToleratedRatio,
            AcceptableRatio = Math.Max(usual.AcceptableRatio, policy.ToleratedRatio * AcceptableOfTolerated),
            DarkSeconds = policy.Metrics.Count > 0 ? DarkSecondsOfSources : usual.DarkSeconds,
            Metrics = [.. policy.Metrics.Select(Of)],
        };
    }

    private static MetricRule Of(MetricPolicy metric) => new(
        metric.Name,
        metric.Kind,
        metric.Worse,
        metric.Tolerance,
        metric.Weight,
        metric.Critical,
        metric.Shadow,
        metric.MustHaveData,
        metric.SpacingSeconds);
}
