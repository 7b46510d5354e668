using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>Ticks by hand, five seconds each, in one lane.</summary>
internal static class Ticks
{
    public const string Here = "local/here/a";

    private static readonly TimeSpan Five = TimeSpan.FromSeconds(5);

    /// <param name="stopAt">The cause of a verdict after which nothing more is folded.</param>
    public static Judgement Judged(this IEnumerable<LaneTick> lanes, JudgePolicy? policy = null, Judgement? before = null, Cause? stopAt = null)
    {
        var judgement = before ?? Judgement.Begin();
        foreach (var lane in lanes)
        {
            judgement = judgement.After(policy, Five, lane);
            if (judgement.Verdict.Cause == stopAt)
            {
                break;
            }
        }

        return judgement;
    }

    /// <summary>The judgement after one more tick with these lanes.</summary>
    public static Judgement After(this Judgement before, JudgePolicy? policy, TimeSpan span, params LaneTick[] lanes) =>
        Judge.Fold(policy ?? new(), before, new((before.At ?? SimulatedTraffic.Start) + span, span, lanes));

    public static IEnumerable<LaneTick> Times(this LaneTick lane, int count) => Enumerable.Repeat(lane, count);

    public static LaneTick Lane(Arm candidate, Arm? current, string lane = Here) => new(lane, candidate, current);

    /// <summary>An arm whose replicas have these errors, and an equal part of the requests each.</summary>
    public static Arm Of(long requestsEach, params long[] errors) => Of("r", requestsEach, errors);

    public static Arm Of(string prefix, long requestsEach, params long[] errors) => new()
    {
        Requests = requestsEach * errors.Length,
        Errors = errors.Sum(),
        Ready = errors.Length,
        Replicas = [.. errors.Select((count, index) => new ReplicaCounts($"{prefix}{index}", requestsEach, count))],
    };

    public static Arm Saying(this Arm arm, params Reading[] readings) => arm with { Readings = readings };

    /// <summary>An arm that restarts its replicas so often.</summary>
    public static Arm Restarting(this Arm arm, params int[] restarts) => arm with
    {
        Replicas = [.. arm.Replicas!.Zip(restarts.Concat(Enumerable.Repeat(0, arm.Replicas!.Count)), (replica, count) => replica with { Restarts = count })],
    };
}
