using System.Globalization;

namespace Fury.Deployments.Judging;

/// <summary>What is said of a verdict: one sentence, or two, with the numbers that decided.</summary>
internal static class Reasons
{
    private const int NamesMax = 5;

    public static string Proven(Metric metric, Cause cause, Judgement judgement, IReadOnlyList<Stratum> failing)
    {
        var evidence = judgement.Of(metric);
        var strongest = judgement.Lanes.SelectMany(lane => lane.Evidence).Where(own => own.Metric == metric.Name).Append(evidence)
            .Max(each => Evidence.Of(cause == Cause.Worse ? each.Worse : each.Over));
        var what = cause == Cause.Limit ? $"more than {Percent(metric.Limit)}"
            : metric.IsValue ? $"more often beyond the current's median and a tolerance of {Percent(metric.Tolerated - 1)}"
            : $"more than {Number(metric.Tolerated)} times the current's";
        var where = judgement.Lanes.Count > 1 ? $" It is so in {failing.Count} of {judgement.Lanes.Count} locations: {Names(failing)}." : "";
        return $"{metric.Name}: {Shares(metric, judgement)}; {Odds(strongest)} that it is {what}, {Odds(metric.Need)} needed.{where}";
    }

    public static string Budget(Metric metric, Judgement judgement, double minutes) =>
        $"{metric.Name}: {Shares(metric, judgement)}. It is worse, and proven to stay below {Percent(metric.Negligible)}: "
        + $"it would cost {Number(minutes)} minutes of outage a day.";

    public static string Ill(IReadOnlyList<Stratum> lanes) =>
        $"Too many replicas are ill for it to be their places: {string.Join(", ", lanes.SelectMany(lane => lane.Health.Ill).Take(NamesMax).Select(Named))}, "
        + $"of {lanes.Sum(lane => lane.Health.Replicas)} replicas in {Names(lanes)}.";

    public static string Node(Stratum lane, IllReplica ill) =>
        $"Replica {Named(ill)} in {lane.Name} is ill, and the others are not: it is left out of the judgement, and should be replaced.";

    public static string Unready(IReadOnlyList<Stratum> lanes) =>
        $"No replica of the candidate has been ready for {Number(lanes.Max(lane => lane.Health.UnreadySeconds ?? 0))} s in {Names(lanes)}.";

    public static string Shared(Metric metric, Stratum lane) =>
        $"Both suffer in {lane.Name}: {metric.Name} were {Percent(lane.Count(metric.Name).RecentCandidate.Share)} of the candidate's requests and "
        + $"{Percent(lane.Count(metric.Name).RecentCurrent.Share)} of the current's in the last minute, {Percent(metric.Limit)} allowed.";

    public static string SharedCrashes(Stratum lane) =>
        $"Both crash in {lane.Name}: {lane.Health.Restarts.Count} replicas of the candidate, {lane.Health.CurrentRestarts.Count} of the current pool.";

    public static string Saturation(JudgePolicy policy, Stratum lane) =>
        $"A request takes {Number(lane.Work.Ratio ?? 0)} times the current's processor time in {lane.Name}, {Number(policy.MaxCpuRatio)} allowed.";

    public static string Of(SeriesFault fault) => fault.Problem == SeriesProblem.Same
        ? $"{fault.Metric} says the same of the candidate and of the current in {fault.Lane}, tick after tick: its query does not tell them apart."
        : $"{fault.Metric} says nothing of the current in {fault.Lane}.";

    public static string TooFew(JudgePolicy policy, Tally candidate, Tally? current) =>
        $"{Number(candidate.Total)} requests of the candidate{(current is { } other ? $" and {Number(other.Total)} of the current" : "")} in this step, "
        + $"{policy.MinRequests} needed.";

    public static string Undecided(JudgePolicy policy, IReadOnlyList<Metric> open, Metric? waiting, Judgement judgement) => waiting is not null
        ? $"{waiting.Name}: {Shares(waiting, judgement)}. It looks worse, and is not clear yet, or not whether one replica is to blame."
        : $"Not proven yet: {string.Join("; ", open.Select(metric => $"{metric.Name} ({Shares(metric, judgement)})"))}; "
            + $"{Odds(-Math.Log(policy.FalsePass))} needed.";

    public static string Certified(Judgement judgement, bool compared)
    {
        var (candidate, current) = judgement.Tallies(Metric.Errors);
        return $"{Of(candidate, "requests")} failed{(compared ? $", beside {Of(current, "of the current's")}" : "")}; every metric is proven acceptable.";
    }

    private static string Shares(Metric metric, Judgement judgement)
    {
        var (candidate, current) = judgement.Tallies(metric.Name);
        var unit = metric.IsValue ? "points" : metric.Source == Source.Restarts ? "ready seconds" : metric.Source == Source.Rule ? "of its total" : "requests";
        return current.Total > 0 ? $"{Of(candidate, unit)} beside {Of(current, "of the current's")}" : Of(candidate, unit);
    }

    private static string Of(Tally tally, string unit) => $"{Number(tally.Events)} of {Number(tally.Total)} {unit} ({Percent(tally.Share)})";

    private static string Odds(double logarithm) => $"{Number(Math.Exp(Math.Min(logarithm, 20)))} to 1";

    private static string Named(IllReplica ill) => $"{ill.Replica} ({ill.Why})";

    private static string Names(IReadOnlyList<Stratum> lanes) =>
        string.Join(", ", lanes.Take(NamesMax).Select(lane => lane.Name)) + (lanes.Count > NamesMax ? $" and {lanes.Count - NamesMax} more" : "");

    private static string Percent(double share) => $"{Number(100 * share)} %";

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : Math.Abs(value) >= 1 ? "0.##" : "0.####", CultureInfo.InvariantCulture);
}
