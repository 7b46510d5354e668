using Fury.Compute.Engines;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>
/// Finds runs the cluster that is best at the moment, takes them out of those that have died, and gives back what they were promised once they have
/// ended. For the one who promises room.
/// </summary>
internal sealed class RunPlacer(RunStore store, ILittleMonster monster, TimeProvider clock, ILogger<RunPlacer> log)
{
    private const int RunsAtOnceMax = 16;

    /// <param name="dead">Clusters that have died.</param>
    public async Task Pass(Placer placer, IReadOnlyList<string> dead, CancellationToken cancellation)
    {
        foreach (var cluster in dead)
        {
            foreach (var run in await store.In(cluster, cancellation))
            {
                await Lose(run.Id, cluster, cancellation);
            }
        }

        await Backlog.WorkOff(
            () => store.Unsettled(clock.GetUtcNow(), cancellation),
            IRunStore.UnsettledMax,
            RunsAtOnceMax,
            async (run, stop) => (await Move(placer, run, stop)).Fault,
            (run, fault) =>
            {
                if (fault.Kind != FaultKind.Stale)
                {
                    log.LogWarning("Run {Run} could not be moved on and is tried again: {Fault}", run.Id, fault);
                }
            },
            cancellation);
    }

    /// <summary>The cluster has died under the run; one that is elsewhere by now stays as it is.</summary>
    public Task<Outcome<JobRun>> Lose(RunId run, string cluster, CancellationToken cancellation) =>
        Change(run, known => RunChanges.Lost(known, cluster, clock.GetUtcNow()), cancellation);

    private async Task<Outcome<JobRun>> Move(Placer placer, JobRun run, CancellationToken cancellation)
    {
        if (run.HasEnded)
        {
            var retired = await placer.Retire(run.Promise, cancellation);
            return await retired.Then(_ => Change(run.Id, known => known with { IsSettled = true }, cancellation));
        }

        if (run.StartBy <= clock.GetUtcNow())
        {
            return await Change(run.Id, known => known.Phase == RunPhase.Waiting ? RunChanges.Overdue(known, clock.GetUtcNow()) : known, cancellation);
        }

        var decided = await placer.Place(RunChanges.RequestOf(run), cancellation);
        return await decided.Then(decision => store.Change(run.Id, (tx, known) => Give(tx, known, run, decision, cancellation), cancellation));
    }

    /// <summary>The place and the saga that uses it, in one transaction.</summary>
    private async Task<Outcome<JobRun>> Give(Hosting.ITransaction tx, JobRun known, JobRun read, Decision decision, CancellationToken cancellation)
    {
        if (known.Phase != RunPhase.Waiting || known.Placing != read.Placing)
        {
            return Fault.Stale($"Run '{known.Id}' has changed meanwhile.");
        }

        var run = RunChanges.Placed(known, decision, clock.GetUtcNow());
        if (run.Phase == RunPhase.Waiting)
        {
            return run;
        }

        var order = new RunOrder(run.Id, run.Placing, run.Cluster!);
        var started = await monster.Start<RunJob, RunOrder>(tx, $"run/{order.Key}", order, cancellation);
        return started.Then<JobRun>(saga => run with { Saga = saga });
    }

    private Task<Outcome<JobRun>> Change(RunId run, Func<JobRun, Outcome<JobRun>> change, CancellationToken cancellation) =>
        ((IRunStore)store).Change(run, change, cancellation);
}
