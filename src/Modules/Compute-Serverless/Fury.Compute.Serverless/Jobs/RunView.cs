using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>A run as people see it.</summary>
/// <param name="Schedule">Whose run it is; null for one that was asked for by itself.</param>
/// <param name="DueAt">The time of the schedule that it is for.</param>
/// <param name="Phase"><c>waiting</c>, <c>running</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>lost</c>.</param>
/// <param name="Reason">Why it waits, or did not succeed, in one sentence.</param>
/// <param name="Cluster">The last one that it was given to; null while it waits for the first.</param>
/// <param name="Failures">Attempts that failed.</param>
/// <param name="IsClean">Nothing of it is in a cluster.</param>
internal sealed record RunView(
    RunId Id,
    ScopeRef Scope,
    ScheduleName? Schedule,
    DateTimeOffset? DueAt,
    VersionName Version,
    ReleaseId Release,
    string Phase,
    string? Reason,
    string? Cluster,
    int Failures,
    DateTimeOffset CreatedAt,
    DateTimeOffset StartBy,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    bool IsClean)
{
    public static RunView Of(JobRun run) => new(
        run.Id,
        run.Scope,
        run.Schedule,
        run.DueAt,
        run.Spec.Version,
        run.Spec.Release,
        Word.Of(run.Phase),
        run.Reason,
        run.Cluster,
        run.Failures,
        run.CreatedAt,
        run.StartBy,
        run.StartedAt,
        run.EndedAt,
        run.IsClean);
}
