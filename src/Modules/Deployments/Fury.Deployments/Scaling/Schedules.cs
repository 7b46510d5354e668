using Cronos;
using Fury.Catalog.Contracts;

namespace Fury.Deployments.Scaling;

/// <summary>What schedules ask for.</summary>
/// <param name="Replicas">0 when none has ever had its time.</param>
/// <param name="Until">When that may change; null for never.</param>
internal sealed record Scheduled(int Replicas, DateTimeOffset? Until);

/// <summary>
/// The schedules of a scope at a moment. Pure. A time that summer time skips comes when the clock is put forward; one that comes twice counts the first time.
/// </summary>
internal static class Schedules
{
    /// <summary>How far back the last time of a schedule is looked for, one after the other; February 29 may be eight years ago.</summary>
    private static readonly TimeSpan[] LookBacks = [.. new double[] { 1.0 / 24, 1, 8, 32, 367, 8 * 366 }.Select(TimeSpan.FromDays)];

    /// <summary>The one whose time came last holds; of two at the same moment the one that asks for more.</summary>
    public static Scheduled At(IReadOnlyList<ScalingSchedule> schedules, DateTimeOffset now)
    {
        var times = schedules.Select(schedule => Times(schedule, now)).ToList();
        var last = times.Where(time => time.Last is not null).OrderBy(time => time.Last).ThenBy(time => time.Replicas).LastOrDefault();
        return new(last.Replicas, times.Min(time => time.Next));
    }

    private static (int Replicas, DateTimeOffset? Last, DateTimeOffset? Next) Times(ScalingSchedule schedule, DateTimeOffset now)
    {
        var (cron, zone) = (CronExpression.Parse(schedule.Cron), TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone));
        return (schedule.MinReplicas, LookBacks.Select(LastWithin).FirstOrDefault(at => at is not null), cron.GetNextOccurrence(now, zone));

        DateTimeOffset? LastWithin(TimeSpan back) =>
            cron.GetOccurrences(now - back, now, zone, fromInclusive: false, toInclusive: true).Select(at => (DateTimeOffset?)at).LastOrDefault();
    }
}
