using System.Text.Json.Serialization;
using Cronos;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>A job that is run again and again.</summary>
/// <param name="Cron">Five fields: minute, hour, day of month, month, day of week.</param>
/// <param name="TimeZone">An IANA name, e.g. <c>America/Sao_Paulo</c>.</param>
/// <param name="SucceededKept">How many runs that succeeded are kept for looking at.</param>
/// <param name="FailedKept">As <paramref name="SucceededKept"/>, of all that ended otherwise.</param>
/// <param name="DoneUntil">What was due until then has been run or left out.</param>
internal sealed record Schedule(
    ScopeRef Scope,
    ScheduleName Name,
    string Cron,
    string TimeZone,
    RunConcurrency Concurrency,
    JobTemplate Job,
    bool IsPaused,
    int SucceededKept,
    int FailedKept,
    DateTimeOffset DoneUntil)
{
    /// <summary>Grows with each change.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>Why the last time that was due was left out; null when it was run.</summary>
    public string? LeftOut { get; init; }

    /// <summary>When it is due next, in UTC as all times here; null when it is paused.</summary>
    [JsonIgnore]
    public DateTimeOffset? Next => IsPaused ? null : CronExpression.Parse(Cron).GetNextOccurrence(DoneUntil, Zone)?.ToUniversalTime();

    /// <summary>
    /// The last time that was due since <see cref="DoneUntil"/>, unless that is longer ago than a run may wait to begin. What was due before it is left out:
    /// nobody wants ten runs at once after the platform was away.
    /// </summary>
    public DateTimeOffset? Due(DateTimeOffset now)
    {
        var since = now.AddSeconds(-Job.StartWithinSeconds);
        since = since > DoneUntil ? since : DoneUntil;
        return IsPaused || since >= now
            ? null
            : CronExpression.Parse(Cron).GetOccurrences(since, now, Zone, fromInclusive: false, toInclusive: true)
                .Select(at => (DateTimeOffset?)at.ToUniversalTime())
                .LastOrDefault();
    }

    /// <summary>All that was due until then is over.</summary>
    public Schedule Done(DateTimeOffset until, string? leftOut) =>
        this with { DoneUntil = until > DoneUntil ? until : DoneUntil, LeftOut = leftOut, Revision = Revision + 1 };

    private TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
}
