using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>A schedule as people see it.</summary>
/// <param name="NextAt">Null when it is paused.</param>
/// <param name="LeftOut">Why the last time that was due was left out; null when it was run.</param>
internal sealed record ScheduleView(
    ScopeRef Scope,
    ScheduleName Name,
    string Cron,
    string TimeZone,
    string Concurrency,
    bool Paused,
    int SucceededKept,
    int FailedKept,
    JobTemplate Job,
    DateTimeOffset? NextAt,
    string? LeftOut)
{
    public static ScheduleView Of(Schedule schedule) => new(
        schedule.Scope,
        schedule.Name,
        schedule.Cron,
        schedule.TimeZone,
        Word.Of(schedule.Concurrency),
        schedule.IsPaused,
        schedule.SucceededKept,
        schedule.FailedKept,
        schedule.Job,
        schedule.Next,
        schedule.LeftOut);
}
