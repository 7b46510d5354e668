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

    /// <summary>With what is to be tried instead.</summary>
    public static JudgePolicy With(this JudgePolicy policy, JudgeFields tried) => policy with
    {
        FalseAlarm = tried.FalseAlarm ?? policy.FalseAlarm,
        FalseAlarmOfValues = tried.FalseAlarmOfValues ?? policy.FalseAlarmOfValues,
        FalsePass = tried.FalsePass ?? policy.FalsePass,
        ToleratedRatio = tried.ToleratedRatio ?? policy.ToleratedRatio,
        AcceptableRatio = tried.AcceptableRatio ?? policy.AcceptableRatio,
        ToleratedSlowRatio = tried.ToleratedSlowRatio ?? policy.ToleratedSlowRatio,
        AcceptableSlowRatio = tried.AcceptableSlowRatio ?? policy.AcceptableSlowRatio,
        NegligibleErrorPercent = tried.NegligibleErrorPercent ?? policy.NegligibleErrorPercent,
        MaxErrorPercent = tried.MaxErrorPercent ?? policy.MaxErrorPercent,
        MaxP99Ms = tried.MaxP99Ms ?? policy.MaxP99Ms,
        ExtraLatencyMs = tried.ExtraLatencyMs ?? policy.ExtraLatencyMs,
        MinRequests = tried.MinRequests ?? policy.MinRequests,
        MaxRestarts = tried.MaxRestarts ?? policy.MaxRestarts,
        MaxCpuRatio = tried.MaxCpuRatio ?? policy.MaxCpuRatio,
        WarmUpSeconds = tried.WarmUpSeconds ?? policy.WarmUpSeconds,
        UnreadySeconds = tried.UnreadySeconds ?? policy.UnreadySeconds,
        DarkSeconds = tried.DarkSeconds ?? policy.DarkSeconds,
    };

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
