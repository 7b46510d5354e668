namespace Fury.Deployments.Judging;

/// <summary>What nothing speaks against: whether enough speaks for it.</summary>
internal static class Passing
{
    /// <param name="waiting">A metric that is proven worse, of which it is not clear whether one replica is to blame.</param>
    public static Verdict Of(JudgePolicy policy, IReadOnlyList<Metric> metrics, Judgement judgement, Metric? waiting)
    {
        var compared = judgement.Lanes.Any(lane => lane.IsCompared(judgement.At));
        if (Silent(policy, metrics, judgement, compared) is { } silent)
        {
            return Insufficient(Cause.NoData, $"There is no data {silent}.", null);
        }

        var (candidate, current) = judgement.Tallies(Metric.Errors);
        if (candidate.Total < policy.MinRequests || (compared && current.Total < policy.MinRequests))
        {
            return Insufficient(Cause.TooFew, Reasons.TooFew(policy, candidate, compared ? current : null), null);
        }

        List<Metric> open = [.. metrics.Where(metric => Decides(metric, judgement, compared) && !Proven(policy, metric, judgement, compared))];
        if (waiting is not null || open.Count > 0)
        {
            return Insufficient(Cause.Undecided, Reasons.Undecided(policy, open, waiting, judgement), waiting ?? open[0]);
        }

        var busiest = judgement.Lanes.MaxBy(lane => lane.Work.Ratio ?? 0);
        return busiest?.Work.Ratio > policy.MaxCpuRatio
            ? new(VerdictKind.Inconclusive, Cause.Saturation, Reasons.Saturation(policy, busiest))
            : new(VerdictKind.Pass, Cause.Certified, Reasons.Certified(judgement, compared));

        static Verdict Insufficient(Cause cause, string reason, Metric? metric) => new(VerdictKind.Insufficient, cause, reason) { Metric = metric?.Name };
    }

    /// <summary>By what a metric is proven acceptable: the better of the ways that are open to it.</summary>
    public static double Best(Metric metric, Evidence evidence, bool compared) => compared || metric.Limit <= 0
        ? Math.Max(metric.Acceptable > 0 ? Evidence.Of(evidence.Alike) : Evidence.Of(evidence.Within), Evidence.Of(evidence.Negligible))
        : Evidence.Of(evidence.Within);

    private static bool Proven(JudgePolicy policy, Metric metric, Judgement judgement, bool compared) =>
        Best(metric, judgement.Of(metric), compared) >= -Math.Log(policy.FalsePass);

    /// <summary>Restarts only condemn. What cannot be compared, or is not measured at all, is not waited for, but for what must have data.</summary>
    private static bool Decides(Metric metric, Judgement judgement, bool compared)
    {
        var (candidate, current) = judgement.Tallies(metric.Name);
        return !metric.Shadow && metric.Source switch
        {
            Source.Errors => true,
            Source.Restarts => false,
            Source.SlowLimit => WasSeen(),
            Source.SlowP90 or Source.SlowP99 => compared && WasSeen(),
            _ when metric.IsValue => HasCurrent(judgement) && (metric.MustHaveData || candidate.Total > 0),
            _ => compared && (metric.MustHaveData || (candidate.Total > 0 && current.Total > 0)),
        };

        bool WasSeen() => judgement.Lanes.Any(lane => lane.Count(metric.Name).SeenAt is not null);
    }

    /// <summary>Who has said nothing, or nothing lately, and must: a lane, the candidate, a metric. Null when all have.</summary>
    private static string? Silent(JudgePolicy policy, IReadOnlyList<Metric> metrics, Judgement judgement, bool compared)
    {
        if (judgement.Lanes.FirstOrDefault(lane => IsDark(lane.At)) is { } lane)
        {
            return $"of {lane.Name}";
        }

        if (judgement.Lanes.All(lane => lane.Count(Metric.Errors).SeenAt is null))
        {
            return "of the candidate's requests";
        }

        foreach (var metric in metrics.Where(metric => metric is { MustHaveData: true, Shadow: false } && (metric.IsValue ? HasCurrent(judgement) : compared)))
        {
            var counts = judgement.Lanes.Select(lane => lane.Count(metric.Name)).ToList();
            if (counts.TrueForAll(count => IsDark(count.SeenAt)))
            {
                return $"of {metric.Name}{Why(metric)}";
            }

            if (!counts.Exists(count => count.Series?.CurrentSpoke ?? false))
            {
                return $"of the current's {metric.Name}{Why(metric)}";
            }
        }

        return null;

        string Why(Metric metric) => judgement.Dark?.GetValueOrDefault(metric.Name) is { } why ? $". {why.TrimEnd('.')}" : "";

        bool IsDark(DateTimeOffset? seen) => seen is null || judgement.At - seen > TimeSpan.FromSeconds(policy.DarkSeconds);
    }

    private static bool HasCurrent(Judgement judgement) => judgement.Lanes.Any(lane => lane.Health.CurrentReplicas > 0);
}
