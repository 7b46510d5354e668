using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

internal enum CheckKind
{
    /// <summary>Go on.</summary>
    Fine,

    /// <summary>Not known yet.</summary>
    Waiting,

    /// <summary>A query, or what it answers, can never be right.</summary>
    Wrong,

    /// <summary>It was waited for long enough: a source is dark, or says nothing of the current pool.</summary>
    Silent,
}

/// <summary>What the first looks at a deployment's metrics have shown.</summary>
/// <param name="Why">One sentence, which names the metric; empty when all is fine.</param>
internal sealed record SourceCheck(CheckKind Kind, string Why = "", string Metric = "")
{
    public static readonly SourceCheck Fine = new(CheckKind.Fine);
}

/// <summary>
/// Looks at the metrics of a deployment while its candidate is ready and has no traffic: every query must be answered with what it should be, and must tell the
/// two pools apart. By one thread at a time.
/// </summary>
/// <param name="since">From when on the candidate's replicas are ready; what was said of a time before does not count.</param>
internal sealed class FirstLooks(DateTimeOffset since)
{
    /// <summary>What is not known by then is silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>A counter without events may not be there before the first: a candidate that is silent for so many looks has nothing to show.</summary>
    private const int SilentLooks = 2;

    /// <summary>After so many looks at two series that are the same and stand still, that is what they do.</summary>
    private const int LooksMax = 5;

    private readonly Dictionary<(string Metric, Location Lane), Look> _looks = [];

    private volatile SourceCheck _result = new(CheckKind.Waiting, "Its metrics were not looked at yet.");

    /// <summary>May be read by any thread.</summary>
    public SourceCheck Result => _result;

    public void See(DeploymentRecord record, Sightings sightings, DateTimeOffset now)
    {
        List<SourceCheck> checks =
        [
            .. from metric in record.Policy.Metrics
               where !metric.Shadow
               from lane in record.Moving
               select Of(metric, lane, sightings),
        ];
        _result = checks.Find(check => check.Kind == CheckKind.Wrong)
            ?? (checks.Find(check => check.Kind == CheckKind.Waiting) is not { } waiting ? SourceCheck.Fine
                : now - since < Patience ? waiting
                : waiting with { Kind = CheckKind.Silent });
    }

    private SourceCheck Of(MetricPolicy metric, Lane lane, Sightings sightings)
    {
        var (candidate, current) = (sightings.Of(metric, lane.Candidate!.Id), lane.Current is { } pool ? sightings.Of(metric, pool.Id) : null);
        if ((candidate?.Fault ?? current?.Fault) is { Kind: FaultKind.Invalid } wrong)
        {
            return Not(CheckKind.Wrong, wrong.Message);
        }

        var named = $"{metric.Name}: Source {metric.Source}";
        var isNeeded = metric.MustHaveData && lane.Current is not null;
        if ((candidate?.Fault ?? current?.Fault) is { Kind: FaultKind.Unavailable } dark)
        {
            return isNeeded ? Not(CheckKind.Waiting, dark.Message) : SourceCheck.Fine;
        }

        if (candidate is null || candidate.At < since || (lane.Current is not null && current is null))
        {
            return Not(CheckKind.Waiting, $"{named} has not answered yet.");
        }

        if (lane.Current is null)
        {
            return SourceCheck.Fine;
        }

        if (current!.All.Count == 0 || current.Fault is not null)
        {
            return !isNeeded ? SourceCheck.Fine
                : Not(CheckKind.Waiting, current.Fault?.Message ?? $"{named} says nothing of the current pool {lane.Current.Id}.");
        }

        var look = _looks[(metric.Name, lane.Location)] = Look.After(_looks.GetValueOrDefault((metric.Name, lane.Location)), candidate, current);
        return look.Same >= SelfCheck.SameTicks
                ? Not(
                    CheckKind.Wrong,
                    $"{named} says the same of the candidate, which has no traffic, and of the current pool in {lane.Location}, time after time: its query "
                    + "does not tell them apart.")
            : look.IsTold || look.Count >= LooksMax || (look.IsSilent && look.Count >= SilentLooks) ? SourceCheck.Fine
            : Not(CheckKind.Waiting, $"{named} does not tell the candidate from the current pool yet.");

        SourceCheck Not(CheckKind kind, string why) => new(kind, why, metric.Name);
    }

    /// <param name="Count">How many times both were looked at.</param>
    /// <param name="Same">How often in a row they were the same, and another than the time before.</param>
    /// <param name="IsTold">They were different.</param>
    private sealed record Look(DateTimeOffset At, int Count, int Same, (double, double) Said, bool IsTold, bool IsSilent)
    {
        public static Look After(Look? before, Sighting candidate, Sighting current)
        {
            if (before is not null && candidate.At <= before.At)
            {
                return before;
            }

            var (ours, theirs) = (Sums(candidate), Sums(current));
            var isSilent = candidate.Fault is not null || ours == (0, 0);
            var isSame = !isSilent && ours == theirs;
            var isNews = isSame && ours != before?.Said;
            return new(
                candidate.At,
                (before?.Count ?? 0) + 1,
                isNews ? (before?.Same ?? 0) + 1 : isSame ? before?.Same ?? 0 : 0,
                ours,
                !isSilent && !isSame,
                isSilent);
        }

        private static (double Bad, double All) Sums(Sighting sighting) =>
            (sighting.Bad.Sum(point => point.Value), sighting.All.Sum(point => point.Value));
    }
}
