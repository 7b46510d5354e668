using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>
/// All that is remembered of the ticks so far, of constant size for each lane and metric, and the verdict on them. Written as JSON and read again it is
/// the same judgement.
/// </summary>
/// <param name="At">The end of the last tick; null before the first.</param>
/// <param name="Seconds">How long has been judged.</param>
/// <param name="Whole">The evidence over all lanes, by metric.</param>
/// <param name="Remembered">φ by metric, of the scope's last deployment.</param>
internal sealed record Judgement(
    DateTimeOffset? At,
    double Seconds,
    IReadOnlyList<Evidence> Whole,
    IReadOnlyList<Stratum> Lanes,
    IReadOnlyDictionary<string, double> Remembered,
    Verdict Verdict)
{
    /// <summary>Of the last tick.</summary>
    public int Step { get; init; }

    /// <summary>Of the last tick: why the source of a metric says nothing, by metric.</summary>
    public IReadOnlyDictionary<string, string>? Dark { get; init; }

    /// <summary>Of the last tick.</summary>
    public int Attempt { get; init; }

    /// <param name="remembered"><see cref="Dispersions"/> of the scope's last deployment, if it had one.</param>
    public static Judgement Begin(IReadOnlyDictionary<string, double>? remembered = null) =>
        new(null, 0, [], [], remembered ?? new Dictionary<string, double>(), Verdict.None);

    /// <summary>
    /// The judgement at the beginning of a step with another weight: what speaks against the candidate stays, what speaks for it must be seen again.
    /// </summary>
    public Judgement NextStep() => this with
    {
        Whole = [.. Whole.Select(evidence => evidence.NextStep())],
        Lanes = [.. Lanes.Select(lane => lane.NextStep())],
        Verdict = Verdict.None,
    };

    /// <summary>Nothing speaks for or against the candidate any more; what is known of the current, and how clumped errors are, stays.</summary>
    public Judgement Anew() => this with { Seconds = 0, Whole = [], Lanes = [.. Lanes.Select(lane => lane.Anew())], Verdict = Verdict.None };

    /// <summary>φ by metric, the largest of all lanes: what the scope's next deployment begins with.</summary>
    public IReadOnlyDictionary<string, double> Dispersions() => Lanes.SelectMany(lane => lane.Counts)
        .GroupBy(count => count.Metric, (metric, counts) => KeyValuePair.Create(metric, counts.Max(count => Math.Round(count.Phi(Remembered), 2))))
        .ToDictionary();

    public Evidence Of(Metric metric) => Whole.First(evidence => evidence.Metric == metric.Name);

    /// <summary>What both arms have had of a metric in this step, over all lanes.</summary>
    public (Tally Candidate, Tally Current) Tallies(string metric) => Lanes.Aggregate((default(Tally), default(Tally)), (sum, lane) =>
        (sum.Item1 + lane.Count(metric).Candidate, sum.Item2 + lane.Count(metric).Current));

    public string ToJson() => JsonSerializer.Serialize(this, FuryJson.Options);

    public static Judgement Of(string json) => JsonSerializer.Deserialize<Judgement>(json, FuryJson.Options)!;
}

internal enum VerdictKind
{
    /// <summary>Every metric is proven acceptable in this step, and nothing speaks against the candidate.</summary>
    Pass,

    /// <summary>The candidate is worse: back.</summary>
    Fail,

    /// <summary>Neither is proven yet: go on, up to the deadline. Never taken for a pass.</summary>
    Insufficient,

    /// <summary>Something is wrong that going back would not mend, or that is for a person to weigh: hold.</summary>
    Inconclusive,
}

/// <summary>Why a verdict is what it is.</summary>
internal enum Cause
{
    /// <summary>Pass.</summary>
    Certified,

    /// <summary>Fail: a metric is proven to be worse than the current's.</summary>
    Worse,

    /// <summary>Fail: a share is proven to be above its limit, and the current's is not.</summary>
    Limit,

    /// <summary>Fail: too many replicas are ill or crash, one after the other.</summary>
    Ill,

    /// <summary>Fail: no replica has been ready for too long.</summary>
    Unready,

    /// <summary>Inconclusive: all of it comes from one replica, which is left out from now on. Replace it.</summary>
    Node,

    /// <summary>Inconclusive: both arms suffer.</summary>
    Shared,

    /// <summary>Inconclusive: proven worse, and proven negligible: it costs error budget.</summary>
    Budget,

    /// <summary>Inconclusive: a metric of the candidate has the current's data.</summary>
    Series,

    /// <summary>Inconclusive: a request takes many times the processor time.</summary>
    Saturation,

    /// <summary>Insufficient: a metric has said nothing, or nothing lately.</summary>
    NoData,

    /// <summary>Insufficient: fewer requests than a pass needs.</summary>
    TooFew,

    /// <summary>Insufficient: the evidence goes neither way yet.</summary>
    Undecided,
}

/// <summary>What the judge says after a tick.</summary>
/// <param name="Reason">One sentence, with the numbers.</param>
internal sealed record Verdict(VerdictKind Kind, Cause Cause, string Reason)
{
    public static readonly Verdict None = new(VerdictKind.Insufficient, Cause.NoData, "Nothing was seen yet.");

    /// <summary>The metric that decided; null when it was none in particular.</summary>
    public string? Metric { get; init; }

    /// <summary>Of a fail: the lanes to take back.</summary>
    public IReadOnlyList<string>? Failing { get; init; }

    /// <summary>Of a fail: the lanes of which nothing bad was seen.</summary>
    public IReadOnlyList<string>? Sound { get; init; }

    /// <summary>The replica that <see cref="Cause.Node"/> means.</summary>
    public string? Replica { get; init; }

    /// <summary>Another reason for the same, as numbers change, is no news.</summary>
    public bool IsNewsAfter(Verdict? before) =>
        before is null || (Kind, Cause, Replica) != (before.Kind, before.Cause, before.Replica) || !(Failing ?? []).SequenceEqual(before.Failing ?? []);

    /// <summary>Of <see cref="Cause.Budget"/>: what it would cost at full weight, as minutes of a whole outage a day.</summary>
    public double? BudgetMinutesPerDay { get; init; }
}
