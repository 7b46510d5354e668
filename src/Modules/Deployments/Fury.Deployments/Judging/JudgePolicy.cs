using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>A metric of the application's own that is judged beside those of the data plane.</summary>
/// <param name="Tolerance">By how much of the current's the candidate may be worse: 0.25 is a quarter.</param>
/// <param name="Weight">Its part of the false alarms, beside the other metrics' (errors have 8, latency has 2). Values have theirs apart.</param>
/// <param name="Critical">Keeps four times its weight.</param>
/// <param name="Shadow">Judged and told, never decides.</param>
/// <param name="MustHaveData">Without data there is no pass. Else it is left out when there is none.</param>
/// <param name="SpacingSeconds">Of a value: how far apart points must be to count, so that one slow swing is not taken for many points.</param>
internal sealed record MetricRule(
    string Name,
    MetricKind Kind,
    Direction Worse = Direction.Increase,
    double Tolerance = 0.25,
    double Weight = 1,
    bool Critical = false,
    bool Shadow = false,
    bool MustHaveData = true,
    int SpacingSeconds = 60);

/// <summary>What the judge goes by. The defaults are those that the simulations of <c>docs/judge.md</c> were run with.</summary>
internal sealed record JudgePolicy
{
    public const int MetricsMax = 20;

    /// <summary>How likely a deployment that is no worse may ever fail, over all metrics and its whole life.</summary>
    public double FalseAlarm { get; init; } = 0.001;

    /// <summary>The same for each <see cref="MetricKind.Value"/> metric by itself.</summary>
    public double FalseAlarmOfValues { get; init; } = 0.02;

    /// <summary>How likely a metric that is <see cref="AcceptableRatio"/> times worse may pass.</summary>
    public double FalsePass { get; init; } = 0.05;

    /// <summary>A candidate with up to so many times the current's share of errors is no worse.</summary>
    public double ToleratedRatio { get; init; } = 1.2;

    /// <summary>A pass proves that it has less than so many times the current's share.</summary>
    public double AcceptableRatio { get; init; } = 2;

    /// <summary>As <see cref="ToleratedRatio"/>, of slow requests.</summary>
    public double ToleratedSlowRatio { get; init; } = 1.5;

    /// <summary>As <see cref="AcceptableRatio"/>, of slow requests.</summary>
    public double AcceptableSlowRatio { get; init; } = 2.5;

    /// <summary>Below this share of errors it does not matter how many times worse it is.</summary>
    public double NegligibleErrorPercent { get; init; } = 0.1;

    /// <summary>The guard: a candidate that is proven to fail more than this share is condemned without comparison.</summary>
    public double MaxErrorPercent { get; init; } = 5;

    /// <summary>The guard of latency: at most one request in a hundred may take longer. Null: there is none.</summary>
    public double? MaxP99Ms { get; init; }

    /// <summary>Latency that is forgiven the candidate, as a migration to a place farther away has it.</summary>
    public double ExtraLatencyMs { get; init; }

    /// <summary>Before a pass the candidate must have had so many requests in this step, and the current so many where it is compared.</summary>
    public int MinRequests { get; init; } = 100;

    /// <summary>So many restarts of one replica are forgiven.</summary>
    public int MaxRestarts { get; init; } = 2;

    /// <summary>Processor time of a request, as a multiple of the current's, that is worth a look.</summary>
    public double MaxCpuRatio { get; init; } = 2;

    /// <summary>Latency and values are not counted until the candidate has had traffic for so long: it is cold.</summary>
    public int WarmUpSeconds { get; init; } = 30;

    /// <summary>So long may no replica be ready.</summary>
    public int UnreadySeconds { get; init; } = 30;

    /// <summary>A metric that has said nothing for so long has no data.</summary>
    public int DarkSeconds { get; init; } = 30;

    public IReadOnlyList<MetricRule> Metrics { get; init; } = [];

    /// <summary>Notes every field that cannot be right.</summary>
    public void Check(Validation validation)
    {
        Share(FalseAlarm, "judge.falseAlarm");
        Share(FalseAlarmOfValues, "judge.falseAlarmOfValues");
        Share(FalsePass, "judge.falsePass");
        Ratios(ToleratedRatio, AcceptableRatio, "judge.toleratedRatio", "judge.acceptableRatio");
        Ratios(ToleratedSlowRatio, AcceptableSlowRatio, "judge.toleratedSlowRatio", "judge.acceptableSlowRatio");
        Within(NegligibleErrorPercent, "judge.negligibleErrorPercent", above: 0, below: 50);
        Within(MaxErrorPercent, "judge.maxErrorPercent", above: 0, below: 100);
        Within(MaxP99Ms ?? 1, "judge.maxP99Ms", above: 0, below: 1e6);
        Within(MaxCpuRatio, "judge.maxCpuRatio", above: 1, below: 1e6);
        validation.Require(ExtraLatencyMs is >= 0 and < 1e6, ExtraLatencyMs, "0 or more, below 1000000", "judge.extraLatencyMs");
        validation.Require(MinRequests >= 1, MinRequests, "at least 1", "judge.minRequests");
        validation.Require(MaxRestarts >= 0, MaxRestarts, "at least 0", "judge.maxRestarts");
        foreach (var (seconds, field) in new[] { (WarmUpSeconds, "warmUpSeconds"), (UnreadySeconds, "unreadySeconds"), (DarkSeconds, "darkSeconds") })
        {
            validation.Require(seconds is >= 0 and <= 86_400, seconds, "0 to 86400", "judge." + field);
        }

        validation.Require(Metrics.Count <= MetricsMax, Metrics.Count, $"at most {MetricsMax}", "judge.metrics");
        foreach (var rule in Metrics)
        {
            var field = $"judge.metrics[{rule.Name}]";
            validation.Require(
                rule.Name is { Length: > 0 and <= 60 } && !Metric.BuiltIn.Contains(rule.Name) && Metrics.Count(other => other.Name == rule.Name) == 1,
                rule.Name,
                "1 to 60 characters, none of the judge's own and none twice",
                "judge.metrics");
            Within(rule.Tolerance, field + ".tolerance", above: 0, below: 100);
            Within(rule.Weight, field + ".weight", above: 0, below: 1000);
            validation.Require(rule.SpacingSeconds is >= 0 and <= 3600, rule.SpacingSeconds, "0 to 3600", field + ".spacingSeconds");
        }

        void Share(double value, string field) => Within(value, field, above: 0, below: 0.5);

        void Within(double value, string field, double above, double below) =>
            validation.Require(value > above && value < below, value, $"above {above} and below {below}", field);

        void Ratios(double tolerated, double acceptable, string toleratedField, string acceptableField)
        {
            Within(tolerated, toleratedField, above: 0.999, below: 100);
            validation.Require(acceptable > tolerated && acceptable < 1000, acceptable, $"above {toleratedField}, below 1000", acceptableField);
        }
    }
}
