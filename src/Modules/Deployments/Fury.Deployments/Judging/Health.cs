using System.Text.Json.Serialization;

namespace Fury.Deployments.Judging;

/// <summary>A replica of the candidate that is left out of everything, and why.</summary>
internal sealed record IllReplica(string Replica, string Why);

/// <summary>The replicas of one lane: which are ill, which crash, whether any is ready.</summary>
/// <param name="Ill">In the order in which they were found. It is for the engine to replace them.</param>
/// <param name="Restarts">Of replicas of the candidate; they fade.</param>
/// <param name="CurrentRestarts">Likewise.</param>
/// <param name="UnreadySeconds">
/// How long no replica of the candidate has been ready, counted once one was, and not while the current has none either.
/// </param>
internal sealed record Health(
    IReadOnlyList<IllReplica> Ill,
    IReadOnlyDictionary<string, double> Restarts,
    IReadOnlyDictionary<string, double> CurrentRestarts,
    double? UnreadySeconds = null,
    int Replicas = 0,
    int CurrentReplicas = 0)
{
    /// <summary>More are not forgiven any candidate, however many replicas it has.</summary>
    private const int IllMax = 32;

    /// <summary>Of more replicas restarts are not remembered one by one: those with the most are.</summary>
    private const int RestartedMax = 32;

    private const double Forgotten = 0.05;

    private static readonly TimeSpan RestartMemory = TimeSpan.FromMinutes(30);

    public static readonly Health Begin = new([], new Dictionary<string, double>(), new Dictionary<string, double>());

    [JsonIgnore]
    public bool TooManyIll => TooMany(Ill.Count, Replicas);

    /// <summary>One ill replica, or a quarter of them, is the place's fault. More are the release's.</summary>
    public static bool TooMany(int ill, int replicas) => ill > Math.Min(IllMax, Math.Max(1, replicas / 4.0));

    /// <summary>So many of both crash that it is not the candidate.</summary>
    public bool BothCrash(JudgePolicy policy) =>
        CurrentCrashes(policy) && TooMany(Crashing(policy, Restarts).Count(), Replicas);

    public Health With(string replica, string why) => this with { Ill = [.. Ill, new(replica, why)] };

    public Health Fold(JudgePolicy policy, TimeSpan span, LaneTick here)
    {
        var fading = Math.Exp(-span / RestartMemory);
        var after = this with
        {
            Restarts = Add(Restarts, here.Candidate.Replicas, fading),
            CurrentRestarts = Add(CurrentRestarts, here.Current?.Replicas, fading),
            UnreadySeconds = here.Candidate.Ready > 0 ? 0 : here.Current is { Ready: 0 } ? UnreadySeconds : UnreadySeconds + span.TotalSeconds,
            Replicas = Of(here.Candidate),
            CurrentReplicas = here.Current is { } current ? Of(current) : 0,
        };
        return after.CurrentCrashes(policy) ? after : Crashing(policy, after.Restarts)
            .Where(each => after.Ill.All(ill => ill.Replica != each.Key))
            .Aggregate(after, (health, each) => health.With(each.Key, $"restarted {Math.Round(each.Value)} times"));

        static int Of(Arm arm) => Math.Max(arm.Ready, arm.Replicas?.Count ?? 0);
    }

    private bool CurrentCrashes(JudgePolicy policy) => TooMany(Crashing(policy, CurrentRestarts).Count(), CurrentReplicas);

    /// <summary>Rounded, since the first of three restarts has faded a little when the third comes.</summary>
    private static IEnumerable<KeyValuePair<string, double>> Crashing(JudgePolicy policy, IReadOnlyDictionary<string, double> restarts) =>
        restarts.Where(each => Math.Round(each.Value) > policy.MaxRestarts);

    private static IReadOnlyDictionary<string, double> Add(
        IReadOnlyDictionary<string, double> restarts, IReadOnlyList<ReplicaCounts>? replicas, double fading)
    {
        var restarted = (replicas ?? []).Where(replica => replica.Restarts > 0).ToList();
        if (restarts.Count == 0 && restarted.Count == 0)
        {
            return restarts;
        }

        // Ordered by name among equals, so that the same ticks leave the same state.
        return restarts.Select(each => KeyValuePair.Create(each.Key, Math.Round(each.Value * fading, 3)))
            .Concat(restarted.Select(replica => KeyValuePair.Create(replica.Replica, (double)replica.Restarts)))
            .GroupBy(each => each.Key, (replica, counts) => KeyValuePair.Create(replica, counts.Sum(count => count.Value)))
            .Where(each => each.Value >= Forgotten)
            .OrderByDescending(each => each.Value).ThenBy(each => each.Key, StringComparer.Ordinal)
            .Take(RestartedMax)
            .ToDictionary();
    }
}

/// <summary>Processor time in one lane, fading, and what it has to do with errors.</summary>
/// <param name="Candidate">Processor seconds of requests.</param>
/// <param name="CandidateReadySeconds">Seconds that its replicas were ready, added up: how loaded each is.</param>
/// <param name="Saturated">The candidate's errors of requests, in ticks in which it used nearly all the processor it may.</param>
/// <param name="Relaxed">The same in the other ticks.</param>
internal sealed record Work(
    [property: JsonPropertyName("c")] Tally Candidate = default,
    [property: JsonPropertyName("b")] Tally Current = default,
    [property: JsonPropertyName("cr")] double CandidateReadySeconds = 0,
    [property: JsonPropertyName("br")] double CurrentReadySeconds = 0,
    [property: JsonPropertyName("s")] Tally Saturated = default,
    [property: JsonPropertyName("r")] Tally Relaxed = default)
{
    private const double SaturatedShare = 0.9;
    private const double RequestsMin = 1000;

    /// <summary>More processor seconds of a tick are no measurement.</summary>
    private const double SecondsMax = 1e9;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Processor time of a request as a multiple of the current's; null when too little was measured, or when the candidate's replicas have less than half as
    /// much to do each: what a replica takes at rest would count for work.
    /// </summary>
    [JsonIgnore]
    public double? Ratio =>
        Candidate.Total >= RequestsMin && Current.Total >= RequestsMin && Current.Events > 0
        && Candidate.Total / Math.Max(1, CandidateReadySeconds) >= Current.Total / Math.Max(1, CurrentReadySeconds) / 2
            ? Candidate.Share / Current.Share
            : null;

    public Work Fold(LaneTick here, TimeSpan span)
    {
        var (candidate, current) = (here.Candidate, here.Current);
        var errors = new Tally(candidate.Errors, candidate.Requests);
        var after = candidate.CpuSeconds is { } took && candidate.CpuCores is { } cores
            ? took >= SaturatedShare * cores * span.TotalSeconds ? this with { Saturated = Saturated + errors } : this with { Relaxed = Relaxed + errors }
            : this;
        if (candidate.CpuSeconds is not (>= 0 and < SecondsMax and var ours)
            || current?.CpuSeconds is not (>= 0 and < SecondsMax and var theirs))
        {
            return after;
        }

        var fading = Math.Exp(-span / Memory);
        return after with
        {
            Candidate = Rounded((Candidate * fading) + new Tally(ours, candidate.Requests)),
            Current = Rounded((Current * fading) + new Tally(theirs, current.Requests)),
            CandidateReadySeconds = Math.Round((CandidateReadySeconds * fading) + (candidate.Ready * span.TotalSeconds), 1),
            CurrentReadySeconds = Math.Round((CurrentReadySeconds * fading) + (current.Ready * span.TotalSeconds), 1),
        };

        static Tally Rounded(Tally tally) => new(Math.Round(tally.Events, 3), Math.Round(tally.Total, 1));
    }
}
