using Fury.Deployments.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>Where the counts of a <see cref="Metric"/> come from.</summary>
internal enum Source
{
    /// <summary>Requests that failed.</summary>
    Errors,

    /// <summary>Requests slower than the current's running 90th percentile.</summary>
    SlowP90,

    /// <summary>Requests slower than the current's running 99th percentile.</summary>
    SlowP99,

    /// <summary>Requests slower than <see cref="JudgePolicy.MaxP99Ms"/>.</summary>
    SlowLimit,

    /// <summary>Replicas that restarted, of the seconds that replicas were ready.</summary>
    Restarts,

    /// <summary>A <see cref="MetricRule"/>.</summary>
    Rule,
}

/// <summary>One thing that is counted in both arms, and what is claimed and tested of it. Every test is a bet of events against a total.</summary>
/// <param name="Need">How many to one the evidence must be, as a logarithm, before the candidate is called worse: 1/α by the metric's part of α.</param>
internal sealed record Metric(string Name, Source Source, double Need)
{
    public const string Errors = "errors";

    public static readonly IReadOnlyList<string> BuiltIn = [Errors, "latency-p99", "latency-p90", "latency-limit", "restarts"];

    public MetricRule? Rule { get; private init; }

    /// <summary>It is compared with the current: called worse when the ratio of shares is proven to be above this. 0: never compared.</summary>
    public double Tolerated { get; private init; }

    /// <summary>It passes when the ratio is proven to be below this. 0: it need not be proven.</summary>
    public double Acceptable { get; private init; }

    /// <summary>Or when its share is proven to be below this. Worse, and below this, is a matter of the error budget. 0: no share is negligible.</summary>
    public double Negligible { get; private init; }

    /// <summary>A share above this is a broken guard, and one below is a pass where there is nothing to compare with. 0: there is none.</summary>
    public double Limit { get; private init; }

    public bool IsValue => Rule?.Kind == MetricKind.Value;

    public bool Shadow => Rule?.Shadow ?? false;

    public bool MustHaveData => Rule?.MustHaveData ?? false;

    /// <summary>A cold candidate's are not counted.</summary>
    public bool WaitsForWarmth => IsValue || Source is Source.SlowP90 or Source.SlowP99 or Source.SlowLimit;

    /// <summary>All that is judged under the policy. The parts of α: Bonferroni by weight.</summary>
    public static IReadOnlyList<Metric> Of(JudgePolicy policy)
    {
        List<(Metric Metric, double Weight)> metrics =
        [
            (new(Errors, Source.Errors, 0)
            {
                Tolerated = policy.ToleratedRatio,
                Acceptable = policy.AcceptableRatio,
                Negligible = policy.NegligibleErrorPercent / 100,
                Limit = policy.MaxErrorPercent / 100,
            }, 8),
            (Slow("latency-p99", Source.SlowP99, 0.002), 2),
            (Slow("latency-p90", Source.SlowP90, 0.02), 2),
            (new("restarts", Source.Restarts, 0) { Tolerated = 2 }, 1),
        ];
        if (policy.MaxP99Ms is not null)
        {
            metrics.Add((new("latency-limit", Source.SlowLimit, 0) { Limit = 0.01 }, 1));
        }

        foreach (var rule in policy.Metrics)
        {
            metrics.Add((new(rule.Name, Source.Rule, 0)
            {
                Rule = rule,
                Tolerated = 1 + rule.Tolerance,
                Acceptable = Math.Max(2, 1.5 * (1 + rule.Tolerance)),
            }, rule.Weight * (rule.Critical ? 4 : 1)));
        }

        // A value has its own α, and a metric in shadow takes none from those that decide.
        var whole = metrics.Where(each => !each.Metric.IsValue && !each.Metric.Shadow).Sum(each => each.Weight);
        return [.. metrics.Select(each => each.Metric with
        {
            Need = each.Metric.IsValue ? -Math.Log(policy.FalseAlarmOfValues) : Math.Log(whole / (policy.FalseAlarm * each.Weight)),
        })];

        Metric Slow(string name, Source source, double negligible) => new(name, source, 0)
        {
            Tolerated = policy.ToleratedSlowRatio,
            Acceptable = policy.AcceptableSlowRatio,
            Negligible = negligible,
        };
    }
}
