using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>What becomes of a run when something happens to it. Pure; news that comes too late changes nothing.</summary>
internal static class RunChanges
{
    public static PlacementRequest RequestOf(JobRun run) => new(run.Promise, run.Spec.Size, Replicas: 1, WorkloadType.Job, run.Spec.Criticality)
    {
        Affinities = [run.Spec.Location?.Split('/') is [var provider, var region] ? new([provider], [region], []) : Affinity.Anywhere],
        Leaving = run.LostIn,
        Seed = (uint)run.Id.Value.GetHashCode(),
    };

    /// <summary>A cluster is found, or why there is none and when it is tried again.</summary>
    public static JobRun Placed(JobRun run, Decision decision, DateTimeOffset now) => decision.Placed is [{ Cluster: var cluster }, ..]
        ? run with { Phase = RunPhase.Running, Placing = run.Placing + 1, Cluster = cluster, IsClean = false, Reason = null, RetryAt = null }
        : run with { Reason = decision.Explain(), RetryAt = now + Settling.RetryPause };

    /// <summary>It has found no place in time.</summary>
    public static JobRun Overdue(JobRun run, DateTimeOffset now) => Ended(run, new(
        RunPhase.Failed, $"It could not begin until {run.StartBy.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z. {run.Reason}".TrimEnd(), run.Failures, now));

    /// <summary>Its cluster has it.</summary>
    public static JobRun Begun(JobRun run, int placing, DateTimeOffset at) =>
        IsIn(run, placing) ? run with { StartedAt = run.StartedAt ?? at } : run;

    public static JobRun Ended(JobRun run, int placing, RunEnd end) => IsIn(run, placing) ? Ended(run, end) : run;

    /// <summary>Nothing of it is in its cluster any more.</summary>
    public static JobRun Gone(JobRun run, int placing) => run.Placing == placing && run.HasEnded ? run with { IsClean = true, Seen = [] } : run;

    /// <summary>It is no longer wanted: one that waits has ended, one that runs is taken away.</summary>
    public static Outcome<JobRun> Cancel(JobRun run, string reason, DateTimeOffset now) => run switch
    {
        { HasEnded: true } => Fault.Conflict($"Run '{run.Id}' has ended: {Word.Of(run.Phase)}.").With("phase", Word.Of(run.Phase)),
        { Phase: RunPhase.Waiting } => Ended(run, new(RunPhase.Cancelled, reason, run.Failures, now)),
        { IsCancelling: true } => run,
        _ => run with { IsCancelling = true, Reason = reason },
    };

    /// <summary>
    /// Its cluster has died. Whether it still runs there nobody knows, so it begins anew elsewhere only when it may run twice; what is there is
    /// removed if the cluster comes back.
    /// </summary>
    public static JobRun Lost(JobRun run, string cluster, DateTimeOffset now)
    {
        if (run.Phase != RunPhase.Running || run.Cluster != cluster)
        {
            return run;
        }

        var reason = $"Cluster '{cluster}' has died under it.";
        return run.Spec.RetryWhenLost && !run.IsCancelling
            ? run with { Phase = RunPhase.Waiting, LostIn = [.. run.LostIn, cluster], Reason = reason, Seen = [], IsClean = true, StartedAt = null }
            : Ended(run, new(RunPhase.Lost, reason, run.Failures, now)) with { Seen = [], IsClean = true };
    }

    public static bool IsIn(JobRun run, int placing) => run.Phase == RunPhase.Running && run.Placing == placing;

    private static JobRun Ended(JobRun run, RunEnd end) =>
        run with { Phase = end.Phase, Reason = end.Reason, Failures = end.Failures, EndedAt = end.At, RetryAt = null };
}
