using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>A run in the cluster that was found for it, on record before the saga began.</summary>
internal sealed record RunOrder(RunId Run, int Placing, string Cluster)
{
    public string Key => $"{Run}/{Placing}";
}

/// <param name="Refused">Why the cluster will not have it; null when it does.</param>
internal sealed record RunStart(DateTimeOffset At, string? Refused);

/// <summary>
/// Runs a job in one cluster: begins it, waits for its end, keeps its last lines, takes it away. There is no way back: cancelling is an end as any
/// other, read from the record, so that the lines are kept and nothing is left. A run whose cluster has died is over for the record, and what is
/// left in the cluster is taken away here when it comes back.
/// </summary>
internal sealed class RunJob(IRunStore store, IClusterApi clusters, RunLines lines, WorkloadIdentity identity, TimeProvider clock) : Saga<RunOrder>
{
    /// <summary>For the longest run, and for a cluster that is away after it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(60);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookPeriodMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GonePeriod = TimeSpan.FromMilliseconds(200);
    private static readonly Retry UntilHeard = Retry.Forever(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15));

    protected override void Define(SagaBuilder<RunOrder> saga)
    {
        saga.Name("serverless.run-job").Version(1).Key(input => input.Key).Deadline(Patience);
        saga.Pivot();
        var start = saga.Step("start", Effect.Find, Start, retry: UntilHeard);
        var end = saga.Poll<RunEnd>("ended", x => Ended(x, x.Get(start)), LookPeriod, Patience, LookPeriodMax);
        saga.Step("keep", Effect.Find, x => Keep(x, x.Get(end)), retry: UntilHeard);
        saga.Step("remove", Effect.Find, Remove, retry: UntilHeard);
        saga.Poll<bool>("gone", Gone, GonePeriod, Patience, LookPeriodMax);
        saga.Step("forget", Effect.Find, Forget, retry: UntilHeard);
    }

    private async Task<Outcome<RunStart>> Start(StepContext<RunOrder> x)
    {
        var now = clock.GetUtcNow();
        if (await Mine(x) is not { IsCancelling: false } run)
        {
            return new RunStart(now, null);
        }

        var cluster = ClusterName.Parse(x.Input.Cluster);
        var asked = await clusters.RunJob(cluster, ClusterJobs.Of(run, identity), x.Cancellation);
        if (asked.Fault is { Kind: FaultKind.Conflict })
        {
            // Its name is its own. An older Fury may have worded it in another way, and it runs.
            asked = await clusters.FindJob(cluster, ClusterJobs.NameOf(run.Id), x.Cancellation);
        }

        if (asked.Fault is { } fault)
        {
            return IsPassing(fault, cluster) && now < run.StartBy ? fault : new RunStart(now, $"Cluster '{cluster}' refuses: {fault.Message}");
        }

        var begun = await store.Change(run.Id, known => RunChanges.Begun(known, x.Input.Placing, now), x.Cancellation);
        return begun.IsOk ? new RunStart(begun.Value.StartedAt ?? now, null) : begun.Fault;
    }

    private async Task<Poll<RunEnd>> Ended(StepContext<RunOrder> x, RunStart start)
    {
        if (await Mine(x) is not { } run)
        {
            return Poll.Ready(new RunEnd(RunPhase.Lost, null, 0, clock.GetUtcNow()));
        }

        var cluster = ClusterName.Parse(x.Input.Cluster);
        Outcome<ClusterJob>? job = null;
        if (!RunLook.IsClear(run, start))
        {
            job = await clusters.FindJob(cluster, ClusterJobs.NameOf(run.Id), x.Cancellation);
        }

        if (job?.Fault is { Kind: FaultKind.NotFound } && !IsConnected(cluster))
        {
            job = Fault.Unavailable($"Cluster '{cluster}' is not known on this host yet.");
        }

        var look = RunLook.At(run, start, job, clock.GetUtcNow());
        return look.End is { } end ? Poll.Ready(end) : Poll.NotYet(look.Why, look.After);
    }

    /// <summary>The lines are kept before anything is taken away, and told as the run's with its end.</summary>
    private async Task<Outcome> Keep(StepContext<RunOrder> x, RunEnd end)
    {
        if (await Mine(x) is not { } run)
        {
            return Outcome.Ok;
        }

        var kept = await lines.Collect(run, end.At, x.Cancellation);
        return !kept.IsOk ? kept.Fault : await store.End(run.Id, x.Input.Placing, end, kept.Value, x.Cancellation);
    }

    private async Task<Outcome> Remove(StepContext<RunOrder> x)
    {
        var cluster = ClusterName.Parse(x.Input.Cluster);
        var removed = await clusters.RemoveJob(cluster, ClusterJobs.NameOf(x.Input.Run), x.Cancellation);
        return removed.Fault is { Kind: FaultKind.NotFound } ? await Forgotten(x) : removed;
    }

    private async Task<Poll<bool>> Gone(StepContext<RunOrder> x)
    {
        var found = await clusters.FindJob(ClusterName.Parse(x.Input.Cluster), ClusterJobs.NameOf(x.Input.Run), x.Cancellation);
        if (found.IsOk || found.Fault.Kind != FaultKind.NotFound)
        {
            return Poll.NotYet(found.Fault?.Message ?? "It is ending.");
        }

        return await Forgotten(x) is { IsOk: false } unknown ? Poll.NotYet(unknown.Fault.Message)
            : await store.Find(x.Input.Run, x.Cancellation) is { Seen.Count: > 0 } run && run.Placing == x.Input.Placing && !run.IsClean
                && IsConnected(ClusterName.Parse(x.Input.Cluster))
                ? Poll.NotYet("Its replica is ending.")
            : Poll.Ready(true);
    }

    private async Task<Outcome> Forget(StepContext<RunOrder> x)
    {
        var gone = await store.Change(x.Input.Run, run => RunChanges.Gone(run, x.Input.Placing), x.Cancellation);
        return gone.IsOk || gone.Fault.Kind == FaultKind.NotFound ? Outcome.Ok : gone.Fault;
    }

    /// <summary>The run while it is in this saga's cluster and has not ended; null when the record has gone on without it.</summary>
    private async Task<JobRun?> Mine(StepContext<RunOrder> x) =>
        await store.Find(x.Input.Run, x.Cancellation) is { } run && RunChanges.IsIn(run, x.Input.Placing) ? run : null;

    /// <summary>A cluster that this host has not met yet is no cluster without the run; one that nobody has registered any more is.</summary>
    private async Task<Outcome> Forgotten(StepContext<RunOrder> x) =>
        IsConnected(ClusterName.Parse(x.Input.Cluster)) || !await store.IsRegistered(x.Input.Cluster, x.Cancellation)
            ? Outcome.Ok
            : Fault.Unavailable($"Cluster '{x.Input.Cluster}' is not known on this host yet.");

    private bool IsPassing(Fault fault, ClusterName cluster) =>
        fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.Exhausted || !IsConnected(cluster);

    private bool IsConnected(ClusterName cluster) => clusters.Clusters.Contains(cluster);
}
