using System.Text.Json.Serialization;

namespace Fury.Deployments.Judging;

/// <summary>What is remembered of one location.</summary>
/// <param name="Counts">One for each metric.</param>
internal sealed record Stratum(string Name, IReadOnlyList<Count> Counts)
{
    /// <summary>How fast the running latencies fade.</summary>
    private static readonly TimeSpan LatencyMemory = TimeSpan.FromMinutes(30);

    /// <summary>A current pool that has had no request for so long is none to compare with: all traffic has been moved.</summary>
    private static readonly TimeSpan ComparedFor = TimeSpan.FromMinutes(1);

    /// <summary>The last tick in which it was looked at.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The last tick in which the current had requests.</summary>
    public DateTimeOffset? CurrentAt { get; init; }

    /// <summary>Its own evidence; empty while it is the only lane, as it is the whole then.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>The current's latencies by bucket, fading.</summary>
    public double[] Latencies { get; init; } = [];

    /// <summary>How long the candidate has had traffic.</summary>
    public double WarmSeconds { get; init; }

    public Health Health { get; init; } = Health.Begin;

    public Work Work { get; init; } = new();

    public Count Count(string metric) => Counts.FirstOrDefault(count => count.Metric == metric) ?? new Count(metric);

    public bool IsCompared(DateTimeOffset? now) => now - CurrentAt < ComparedFor;

    /// <summary>A guard is broken by the current too: what happens here is not the candidate's doing.</summary>
    public bool IsAlsoOfCurrent(Metric metric, DateTimeOffset? now) => IsCompared(now) && Count(metric.Name).RecentCurrent.Share > metric.Limit;

    /// <summary>Folds all that is counted, and says what it says of each metric.</summary>
    public (Stratum After, IReadOnlyList<Stake> Stakes) Fold(
        JudgePolicy policy, IReadOnlyList<Metric> metrics, Judgement before, Tick tick, LaneTick here)
    {
        var warm = WarmSeconds >= policy.WarmUpSeconds;
        var health = Health.Fold(policy, tick.Span, here);
        List<Count> counts = new(metrics.Count);
        List<Stake> stakes = new(metrics.Count);
        for (var index = 0; index < metrics.Count; index++)
        {
            var metric = metrics[index];
            var count = Count(metric.Name);
            var (series, sample) = metric.Rule is { } rule
                ? (count.Series ?? Series.Begin).Fold(rule, here, tick.At)
                : (null, Counting.Of(metric, here, tick.Span, [.. health.Ill.Select(ill => ill.Replica)], Slow(policy, metric)));
            if (metric.WaitsForWarmth && !warm)
            {
                sample = sample with { Candidate = default, Replicas = [] };
            }

            var after = count.Fold(sample, tick) with { Series = series };
            var phi = metric.IsValue ? Phi.Of(count.Series?.Phi() ?? 1) : new Phi(after.PhiOfBoth(before.Remembered), count.Phi(before.Remembered));
            stakes.Add(Stake.Of(metric, Name, sample, phi, Tracked(index, before)));
            counts.Add(after);
        }

        return (this with
        {
            At = tick.At,
            CurrentAt = here.Current?.Requests > 0 ? tick.At : CurrentAt,
            Counts = counts,
            Latencies = Fade(here.Current?.Latencies, Math.Exp(-tick.Span / LatencyMemory)),
            WarmSeconds = WarmSeconds + (here.Candidate.Requests > 0 ? tick.Span.TotalSeconds : 0),
            Health = health,
            Work = Work.Fold(here, tick.Span),
        }, stakes);
    }

    /// <summary>A step is judged by what is seen in it, and its new replicas are cold.</summary>
    public Stratum NextStep() => this with
    {
        WarmSeconds = 0,
        Counts = [.. Counts.Select(count => count with { Candidate = default, Current = default, Own = new() })],
    };

    /// <summary>As if the candidate had only begun.</summary>
    public Stratum Anew() => NextStep() with
    {
        Evidence = [],
        Counts = [.. NextStep().Counts.Select(count => count with { RecentCandidate = default })],
        Health = Health with { Ill = [], Restarts = new Dictionary<string, double>(), UnreadySeconds = null },
        Work = Work with { Saturated = default, Relaxed = default },
    };

    private Threshold? Slow(JudgePolicy policy, Metric metric) => metric.Source switch
    {
        Source.SlowP90 => Threshold.Of(Latencies, 0.9, policy.ExtraLatencyMs),
        Source.SlowP99 => Threshold.Of(Latencies, 0.99, policy.ExtraLatencyMs),
        Source.SlowLimit => new(Threshold.Of(policy.MaxP99Ms!.Value), Threshold.Of(policy.MaxP99Ms.Value)),
        _ => null,
    };

    private HashSet<string> Tracked(int metric, Judgement before) =>
        [.. from evidence in new[] { before.Whole.ElementAtOrDefault(metric), Evidence.ElementAtOrDefault(metric) }
            from each in evidence?.Without ?? []
            select each.Replica];

    private double[] Fade(IReadOnlyList<long>? latencies, double fading)
    {
        var after = new double[Math.Max(Latencies.Length, latencies?.Count ?? 0)];
        for (var bucket = 0; bucket < after.Length; bucket++)
        {
            var before = bucket < Latencies.Length ? Latencies[bucket] * fading : 0;
            after[bucket] = Math.Round(before + (bucket < latencies?.Count ? latencies[bucket] : 0), 3);
        }

        return after;
    }
}

/// <summary>What was counted of one metric in one lane.</summary>
internal sealed record Count([property: JsonPropertyName("m")] string Metric)
{
    /// <summary>How fast the recent counts fade.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(1);

    /// <summary>In this step.</summary>
    [JsonPropertyName("c")]
    public Tally Candidate { get; init; }

    /// <summary>In this step, while the candidate had any.</summary>
    [JsonPropertyName("b")]
    public Tally Current { get; init; }

    [JsonPropertyName("rc")]
    public Tally RecentCandidate { get; init; }

    [JsonPropertyName("rb")]
    public Tally RecentCurrent { get; init; }

    [JsonPropertyName("d")]
    public Dispersion Dispersion { get; init; } = new();

    /// <summary>Likewise of the candidate alone: how clumped its own events are, whatever their number.</summary>
    [JsonPropertyName("o")]
    public Dispersion Own { get; init; } = new();

    /// <summary>When the candidate's was told last.</summary>
    [JsonPropertyName("t")]
    public DateTimeOffset? SeenAt { get; init; }

    [JsonPropertyName("s")]
    public Series? Series { get; init; }

    public double Phi(IReadOnlyDictionary<string, double> remembered) =>
        Dispersion.Phi(remembered.TryGetValue(Metric, out var phi) ? phi : null);

    /// <summary>The larger of φ and of the candidate's own.</summary>
    public double PhiOfBoth(IReadOnlyDictionary<string, double> remembered)
    {
        var phi = Phi(remembered);
        return Math.Max(phi, Own.PhiBeside(phi));
    }

    public Count Fold(Sample sample, Tick tick)
    {
        var fading = Math.Exp(-tick.Span / Recent);
        return this with
        {
            Candidate = Candidate + sample.Candidate,
            Current = sample.Candidate.Total > 0 ? Current + sample.Current : Current,
            RecentCandidate = Rounded((RecentCandidate * fading) + sample.Candidate),
            RecentCurrent = Rounded((RecentCurrent * fading) + sample.Current),
            Dispersion = Dispersion.Fold(sample.Current, sample.Parts, tick.Span, Dispersion.OfCurrent),
            Own = Own.Fold(sample.Candidate, [.. sample.Replicas.Select(replica => replica.Part)], tick.Span, Dispersion.OfCandidate),
            SeenAt = sample.HasData ? tick.At : SeenAt,
        };

        static Tally Rounded(Tally tally) => new(Math.Round(tally.Events, 3), Math.Round(tally.Total, 3));
    }
}
