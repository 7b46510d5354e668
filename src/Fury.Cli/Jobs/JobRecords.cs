namespace Fury.Cli.Jobs;

/// <param name="Phase"><c>waiting</c>, <c>running</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>lost</c>.</param>
/// <param name="Reason">Why it waits, or did not succeed.</param>
internal sealed record RunRecord(
    string Id,
    string? Schedule,
    DateTimeOffset? DueAt,
    string Version,
    string Phase,
    string? Reason,
    string? Cluster,
    int Failures,
    DateTimeOffset CreatedAt,
    DateTimeOffset StartBy,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt)
{
    public bool HasEnded => Phase is not ("waiting" or "running");
}

/// <param name="NextAt">Null when it is paused.</param>
/// <param name="LeftOut">Why the last time that was due was left out.</param>
internal sealed record ScheduleRecord(
    string Name, string Cron, string TimeZone, string Concurrency, bool Paused, ScheduledJob Job, DateTimeOffset? NextAt, string? LeftOut);

internal sealed record ScheduledJob(string Version, string? Command);
