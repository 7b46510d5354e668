using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>What recommendations rest on beside what the judge has seen.</summary>
/// <param name="Dependency">A deployment that moves traffic of a scope which this one calls; of several, the one that has moved last.</param>
/// <param name="OutOfMemoryKills">Of the candidate's replicas, as far as that is told.</param>
/// <param name="MemoryMiB">What each of its replicas may hold.</param>
internal sealed record Surroundings(DeploymentRecord? Dependency = null, int OutOfMemoryKills = 0, int MemoryMiB = 0);

/// <summary>
/// What would help a deployment that is held by a verdict, or goes back because of one: a table of rules, each with the numbers that it rests on. Pure. Only
/// what can be done is offered as an action.
/// </summary>
internal static class Recommendations
{
    /// <summary>Fewer requests under a full processor are no pattern.</summary>
    private const double SaturatedRequestsMin = 100;

    /// <summary>Errors are those of a full processor when so many times as many requests fail under one as otherwise, and as of the current's.</summary>
    private const double SaturatedTimes = 3;

    /// <summary>Processor time of a request is the current's when it is not so many times as much.</summary>
    private const double SameWork = 1.25;

    /// <summary>A replica is to blame when without it no more than this part of the evidence remains, of so many to one at least.</summary>
    private const double RestMax = 0.5;
    private static readonly double EvidenceMin = Math.Log(20);

    private const double MemoryTimes = 1.3;

    /// <param name="before">As it was when the verdict came.</param>
    /// <param name="next">As it is from now on.</param>
    public static IReadOnlyList<Recommendation> Of(
        JudgePolicy policy, Judgement judgement, DeploymentRecord before, DeploymentRecord next, DateTimeOffset now, Surroundings around)
    {
        var isHeld = next.Held?.Cause == HoldCause.Verdict;
        IEnumerable<Recommendation?> all =
        [
            HoldDependency(judgement.Verdict, around),
            MoreCapacity(judgement, next, isHeld),
            MoreMemory(judgement.Verdict, around, isHeld),
            .. isHeld
                ? [ReplaceReplica(judgement, next), .. Evidence(policy, judgement, before, now), .. Budget(judgement), .. Elsewhere(next)]
                : Array.Empty<Recommendation?>(),
        ];
        return isHeld || next.Back is { Asked: false } ? [.. all.OfType<Recommendation>().DistinctBy(one => one.Kind)] : [];
    }

    private static Recommendation? HoldDependency(Verdict verdict, Surroundings around)
    {
        if (around.Dependency is not { } other || !(verdict.Cause == Cause.Shared || verdict.Metric == Metric.Errors))
        {
            return null;
        }

        return new(
            RecommendationKind.HoldDependency,
            $"It calls {other.Scope}, which deployment {other.Id} is moving to {other.Version} ({Number((double)other.Weight)} % of its traffic, "
            + $"{Word.Of(other.Phase)} since {other.PhaseSince:u}): hold that one, and see whether this passes.",
            Numbers(("deployment", other.Id), ("scope", other.Scope), ("version", other.Version), ("weightPercent", Number((double)other.Weight))),
            RecommendedAction.HoldDependency);
    }

    private static Recommendation? MoreCapacity(Judgement judgement, DeploymentRecord next, bool isHeld)
    {
        var (saturated, relaxed) = judgement.Lanes.Aggregate((default(Tally), default(Tally)), (sum, lane) =>
            (sum.Item1 + lane.Work.Saturated, sum.Item2 + lane.Work.Relaxed));
        var otherwise = Math.Max(relaxed.Share, judgement.Tallies(Metric.Errors).Current.Share);
        if (judgement.Verdict.Metric != Metric.Errors || saturated.Total < SaturatedRequestsMin || saturated.Events == 0
            || saturated.Share < SaturatedTimes * otherwise)
        {
            return null;
        }

        var (now, raised) = (Needed(next), isHeld ? Advised.Raised(next) : null);
        var more = raised is null ? 0 : Needed(raised);
        var seen = $"{Number(saturated.Events)} of {Number(saturated.Total)} requests failed while the candidate used all the processor that it may, "
            + $"{Number(relaxed.Events)} of {Number(relaxed.Total)} otherwise: it is too small.";
        return new(
            RecommendationKind.MoreCapacity,
            raised is not null ? $"{seen} Try the step again with {more} replicas instead of {now}."
                : isHeld ? $"{seen} It has as many replicas as the scope's settings allow: allow it more, or more processor for each, and deploy again."
                : $"{seen} Deploy again with more than {next.Policy.HeadroomPercent} % headroom, or with more processor for each replica.",
            Numbers(
                ("errorsWhileSaturated", $"{Number(saturated.Events)}/{Number(saturated.Total)}"),
                ("errorsOtherwise", $"{Number(relaxed.Events)}/{Number(relaxed.Total)}"),
                ("replicas", now),
                ("replicasThen", raised is null ? now : more)),
            raised is null ? null : RecommendedAction.RaiseFloor);
    }

    private static Recommendation? MoreMemory(Verdict verdict, Surroundings around, bool isHeld)
    {
        if (around.OutOfMemoryKills == 0 || !(verdict.Cause is Cause.Ill or Cause.Unready || verdict.Metric == "restarts"))
        {
            return null;
        }

        var more = (int)Math.Ceiling(around.MemoryMiB * MemoryTimes);
        return new(
            RecommendationKind.MoreMemory,
            $"Replicas of the candidate were ended {around.OutOfMemoryKills} times for want of memory, with {around.MemoryMiB} MiB each: give the scope "
            + $"{more} MiB and deploy again.",
            Numbers(("outOfMemoryKills", around.OutOfMemoryKills), ("memoryMiB", around.MemoryMiB), ("memoryMiBThen", more)),
            isHeld ? RecommendedAction.Abort : null);
    }

    private static Recommendation? ReplaceReplica(Judgement judgement, DeploymentRecord next)
    {
        var evidence = judgement.Whole.FirstOrDefault(one => one.Metric == judgement.Verdict.Metric);
        if (evidence?.Without.MinBy(each => Judging.Evidence.Of(each.Worse)) is not { } worst
            || !InstanceId.TryParse(worst.Replica, out var replica) || next.Replaced.Contains(replica))
        {
            return null;
        }

        var (whole, rest) = (Judging.Evidence.Of(evidence.Worse), Judging.Evidence.Of(worst.Worse));
        var ratio = judgement.Lanes.FirstOrDefault(lane => lane.Name == worst.Lane)?.Work.Ratio;
        var isLatency = evidence.Metric.StartsWith("latency", StringComparison.Ordinal);
        if (whole < EvidenceMin || rest > RestMax * whole || (isLatency && !(ratio <= SameWork)))
        {
            return null;
        }

        return new(
            RecommendationKind.ReplaceReplica,
            $"Most of what {evidence.Metric} says against it comes from replica {replica} in {worst.Lane}: {Odds(whole)} with it, {Odds(rest)} without"
            + (isLatency ? $", and a request takes {Number(ratio!.Value)} times the current's processor time" : "")
            + ". Put another in its place, and try the step again.",
            Numbers(
                ("replica", replica),
                ("evidence", Odds(whole)),
                ("evidenceWithout", Odds(rest)),
                ("cpuRatio", ratio is { } known ? Number(known) : null)),
            RecommendedAction.ReplaceReplica);
    }

    private static IEnumerable<Recommendation?> Evidence(JudgePolicy policy, Judgement judgement, DeploymentRecord before, DateTimeOffset now)
    {
        var (candidate, current) = judgement.Tallies(Metric.Errors);
        var (requests, seconds) = (candidate.Total + current.Total, (now - before.PhaseSince).TotalSeconds);
        if (judgement.Verdict.Kind != VerdictKind.Insufficient || before.Now.Gate != Gate.Evidence || candidate.Total == 0 || seconds <= 0)
        {
            yield break;
        }

        var here = new Conditions(
            requests / seconds,
            candidate.Total / requests,
            (candidate.Events + current.Events) / requests,
            judgement.Dispersions().GetValueOrDefault(Metric.Errors, 1));
        var needed = Power.ToPass(policy, here)?.TotalSeconds;
        var seen = $"At {Number(here.RequestsPerSecond)} requests/s and {Number(100 * here.Weight)} % it takes "
            + $"{(needed is { } known ? Forecasts.Span(known) : "more than a week")} to be sure, and the step had "
            + $"{Forecasts.Span(before.Now.DeadlineSeconds)}.";
        var numbers = Numbers(
            ("requestsPerSecond", Number(here.RequestsPerSecond)),
            ("weightPercent", Number(100 * here.Weight)),
            ("neededSeconds", needed is { } is1 ? Number(is1) : null),
            ("deadlineSeconds", before.Now.DeadlineSeconds));
        if (before.Cells.ElementAtOrDefault(before.Cell + 1) is { } larger && (double)larger.Weight / 100 is var weight && weight > here.Weight
            && Power.ToPass(policy, here with { Weight = weight })?.TotalSeconds is { } sooner && sooner <= larger.DeadlineSeconds)
        {
            yield return new(
                RecommendationKind.LargerWeight,
                $"{seen} With the next step's {larger.Weight:0.##} % it is expected to take {Forecasts.Span(sooner)}: promote it.",
                With(numbers, ("weightPercentThen", Number((double)larger.Weight)), ("neededSecondsThen", Number(sooner))),
                RecommendedAction.Promote);
        }

        if (needed is { } time && Advised.Lengthened(before.Now, time) is var longer && longer.DeadlineSeconds > Math.Max(time, before.Now.DeadlineSeconds))
        {
            yield return new(
                RecommendationKind.LongerStep,
                $"{seen} Give it {Forecasts.Span(longer.DeadlineSeconds)}; what was seen counts.",
                With(numbers, ("deadlineSecondsThen", longer.DeadlineSeconds)),
                RecommendedAction.LengthenStep);
        }
    }

    private static IEnumerable<Recommendation> Budget(Judgement judgement)
    {
        if (judgement.Verdict is not { Cause: Cause.Budget, Metric: { } metric, BudgetMinutesPerDay: { } minutes })
        {
            yield break;
        }

        var (candidate, current) = judgement.Tallies(metric);
        var numbers = Numbers(
            ("minutesPerDay", Number(minutes)),
            ("candidate", $"{Number(candidate.Events)}/{Number(candidate.Total)}"),
            ("current", $"{Number(current.Events)}/{Number(current.Total)}"));
        var cost = $"It is worse by what would be {Number(minutes)} minutes of outage a day at full weight";
        var accept = $"{cost}. Where the error budget has that, and it is worth it, promote it.";
        yield return new(RecommendationKind.AcceptCost, accept, numbers, RecommendedAction.Promote);
        yield return new(RecommendationKind.TakeBack, $"{cost}. Where that is too much, take it back.", numbers, RecommendedAction.Abort);
    }

    private static IEnumerable<Recommendation> Elsewhere(DeploymentRecord next)
    {
        List<Lane> failing = [.. next.Moving.Where(lane => lane.IsBarred)];
        if (failing.Count == 0)
        {
            yield break;
        }

        var places = string.Join(", ", failing.Select(lane => lane.Location));
        var share = failing.Sum(lane => lane.Share);
        var numbers = Numbers(("locations", places), ("sharePercent", Number((double)share)));
        if (Advised.GivenUp(next) is not null)
        {
            yield return new(
                RecommendationKind.GoOnElsewhere,
                $"It fails at {places} alone, with {share:0.##} % of the traffic: leave there what serves there, and go on at the others.",
                numbers,
                RecommendedAction.GiveUp);
        }

        var back = $"It fails at {places}: take it back everywhere, so that the scope runs one release.";
        yield return new(RecommendationKind.TakeBack, back, numbers, RecommendedAction.Abort);
    }

    private static int Needed(DeploymentRecord record) => Enumerable.Range(0, record.Lanes.Count).Sum(lane => Forward.Needed(record, lane));

    private static Dictionary<string, string> Numbers(params (string Name, object? Value)[] numbers) => numbers.Where(one => one.Value is not null)
        .ToDictionary(one => one.Name, one => Convert.ToString(one.Value, CultureInfo.InvariantCulture)!);

    private static Dictionary<string, string> With(Dictionary<string, string> numbers, params (string Name, object? Value)[] more) =>
        new(numbers.Concat(Numbers(more)));

    private static string Odds(double logarithm) => $"{Number(Math.Exp(Math.Min(logarithm, 20)))} to 1";

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);
}
