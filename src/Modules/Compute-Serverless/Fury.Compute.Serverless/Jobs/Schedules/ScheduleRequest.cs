using System.Text.Json.Serialization;
using Cronos;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>What a caller says of a schedule; what is left out has its usual value.</summary>
/// <param name="Cron">Five fields: minute, hour, day of month, month, day of week.</param>
/// <param name="TimeZone">An IANA name; <c>Etc/UTC</c> when left out.</param>
/// <param name="Concurrency">When the run before has not ended: <c>forbid</c> (usual) leaves the new one out, <c>allow</c> runs both, <c>replace</c>
/// cancels the old one first.</param>
/// <param name="Paused">False when left out.</param>
/// <param name="SucceededKept">0 to 100; 10 when left out.</param>
/// <param name="FailedKept">As <paramref name="SucceededKept"/>.</param>
/// <param name="Job">What is run; its <c>startWithinSeconds</c> count from the time that was due.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScheduleRequest(
    string? Cron,
    JobRequest? Job,
    string? TimeZone = null,
    string? Concurrency = null,
    bool? Paused = null,
    int? SucceededKept = null,
    int? FailedKept = null)
{
    public const int KeptMax = 100;

    private const int KeptDefault = 10;
    private const string Utc = "Etc/UTC";

    /// <summary>The schedule from now on; on a bad field the check has a fault and the schedule must not be used.</summary>
    public Schedule Read(Validation check, ScopeRef scope, ScheduleName name, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone ?? Utc, out var found) ? found : null;
        check.Require(
            CronExpression.TryParse(Cron ?? "", out var cron),
            Cron,
            "five fields: minute, hour, day of month, month, day of week, e.g. 30 2 * * MON-FRI",
            "cron");
        check.Require(zone is not null, TimeZone, "an IANA name such as America/Sao_Paulo", "timeZone");
        check.Require(cron is null || zone is null || cron.GetNextOccurrence(now, zone) is not null, Cron, "a time that comes", "cron");
        var concurrency = check.Choice(Concurrency, RunConcurrency.Forbid);
        check.Require(SucceededKept is null or (>= 0 and <= KeptMax), SucceededKept, $"0 to {KeptMax}", "succeededKept");
        check.Require(FailedKept is null or (>= 0 and <= KeptMax), FailedKept, $"0 to {KeptMax}", "failedKept");
        check.Require(Job is not null, null, "what is to be run", "job");
        return new(
            scope,
            name,
            Cron ?? "",
            TimeZone ?? Utc,
            concurrency,
            (Job ?? new(null)).Read(Job is null ? new() : check, "job."),
            Paused ?? false,
            SucceededKept ?? KeptDefault,
            FailedKept ?? KeptDefault,
            now);
    }
}
