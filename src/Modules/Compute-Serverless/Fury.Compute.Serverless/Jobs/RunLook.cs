using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>What one look at a run in its cluster shows: how it has ended, or what is waited for and when to look again.</summary>
internal sealed record RunLook(RunEnd? End, string Why = "", TimeSpan? After = null)
{
    /// <summary>The cluster counts an ended replica a moment after the watch has told of it.</summary>
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(200);

    /// <summary>And the watch may be late; without its news nobody knows whose lines to keep.</summary>
    private static readonly TimeSpan WatchPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookPeriodMax = TimeSpan.FromSeconds(15);

    /// <summary>Pure. Null for the job: it was not asked for, since the answer is clear without.</summary>
    /// <param name="run">Which is in its cluster.</param>
    public static RunLook At(JobRun run, RunStart start, Outcome<ClusterJob>? job, DateTimeOffset now)
    {
        var deadline = start.At + run.Spec.Deadline;
        var there = job is { IsOk: true, Value: var found } ? found : null;
        var failures = Math.Max(there?.Failures ?? 0, run.Seen.Count(attempt => attempt.Stage == ReplicaStage.Failed));
        return run switch
        {
            { IsCancelling: true } => Ends(RunPhase.Cancelled, run.Reason),
            _ when start.Refused is { } refused => Ends(RunPhase.Failed, refused),
            _ when there is { Phase: not JobPhase.Running } && !IsTold(run, there) && now - there.EndedAt < WatchPatience =>
                new(null, "The watch of its cluster has not told of its end yet.", CountPause),
            _ when there is { Phase: JobPhase.Succeeded } => Ends(RunPhase.Succeeded, null),
            _ when there is { Phase: JobPhase.Failed } => Ends(RunPhase.Failed, Because(there.Reason)),
            _ when job is { Fault.Kind: FaultKind.NotFound } => Ends(RunPhase.Failed, "Somebody has taken it out of its cluster."),
            _ when run.Seen.FirstOrDefault(NeverWorks) is { Trouble: var trouble } => Ends(RunPhase.Failed, trouble!.Text),
            _ when now >= deadline => Ends(RunPhase.Failed, $"It took longer than the {run.Spec.Deadline.TotalSeconds:0} s that it may."),
            { Seen: [{ Stage: ReplicaStage.Pending } pending] } when now >= run.StartBy =>
                Ends(RunPhase.Failed, $"It could not begin in time. {pending.Trouble?.Text}".TrimEnd()),
            _ => new(null, job?.Fault?.Message ?? "Its process has not ended yet.", Until(deadline)),
        };

        RunLook Ends(RunPhase phase, string? reason) => new(new RunEnd(phase, reason, failures, now));

        string? Because(string? reason) =>
            run.Seen.LastOrDefault(attempt => attempt.Stage == ReplicaStage.Failed)?.Trouble is { } trouble ? $"{reason} {trouble.Text}".TrimStart() : reason;

        TimeSpan? Until(DateTimeOffset end) =>
            run.Seen is [.., { Stage: ReplicaStage.Succeeded or ReplicaStage.Failed }] ? CountPause
            : end - now < LookPeriodMax ? end - now
            : null;
    }

    /// <summary>Whether the cluster need not be asked.</summary>
    public static bool IsClear(JobRun run, RunStart start) => run.IsCancelling || start.Refused is not null;

    /// <summary>Of every attempt: those that failed, and the one that did not.</summary>
    private static bool IsTold(JobRun run, ClusterJob job) =>
        run.Seen.Count(attempt => attempt.Stage is ReplicaStage.Succeeded or ReplicaStage.Failed)
        >= Math.Max(1, job.Failures + (job.Phase == JobPhase.Succeeded ? 1 : 0));

    private static bool NeverWorks(SeenAttempt attempt) => attempt.Trouble?.Kind is TroubleKind.ArtifactUnavailable or TroubleKind.CannotStart;
}
