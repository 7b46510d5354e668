using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Takes what a pool has in one cluster away, and says so once nothing of it is left. There is no way back.</summary>
internal sealed class RemoveShare(IPoolStore store, IClusterApi clusters) : Saga<ShareOrder>
{
    /// <summary>What the news that replicas stop is given to reach proxies, so that none sends to a process that no longer listens.</summary>
    private static readonly TimeSpan MeshLeave = TimeSpan.FromMilliseconds(500);

    /// <summary>A cluster may be away for long; what runs in it still has to go when it comes back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookPeriodMax = TimeSpan.FromSeconds(15);
    private static readonly Retry UntilHeard = Retry.Forever(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15));

    protected override void Define(SagaBuilder<ShareOrder> saga)
    {
        saga.Name("serverless.remove-share").Version(1).Key(input => input.Key).Deadline(Patience);
        saga.Pivot();
        saga.Sleep("leave-mesh", MeshLeave);
        saga.Step("remove", Effect.Find, Remove, retry: UntilHeard);
        saga.Poll<bool>("gone", Gone, LookPeriod, Patience, LookPeriodMax);
        saga.Step("forget", Effect.Find, Forget, retry: UntilHeard);
    }

    private async Task<Outcome> Remove(StepContext<ShareOrder> x) => await IsLeaving(x)
        ? await clusters.Remove(ClusterName.Parse(x.Input.Cluster), x.Input.Pool, Workloads.Grace, x.Cancellation)
        : Outcome.Ok;

    private async Task<Poll<bool>> Gone(StepContext<ShareOrder> x)
    {
        if (!await IsLeaving(x))
        {
            return Poll.Ready(true);
        }

        var found = await clusters.FindPool(ClusterName.Parse(x.Input.Cluster), x.Input.Pool, x.Cancellation);
        return found.IsOk ? Poll.NotYet($"{found.Value.Running} replicas are ending their work.")
            : found.Fault.Kind == FaultKind.NotFound && clusters.Clusters.Contains(ClusterName.Parse(x.Input.Cluster)) ? Poll.Ready(true)
            : Poll.NotYet(found.Fault.Message);
    }

    private async Task<Outcome> Forget(StepContext<ShareOrder> x)
    {
        var left = await store.Change(x.Input.Pool, pool => Settling.Left(pool, x.Input.Cluster), x.Cancellation);
        return left.IsOk ? Outcome.Ok : left.Fault;
    }

    /// <summary>A pool that is wanted there again is not taken away; its newer wish waits behind this saga.</summary>
    private async Task<bool> IsLeaving(StepContext<ShareOrder> x) =>
        (await store.Find(x.Input.Pool, x.Cancellation))?.ShareIn(x.Input.Cluster) is { Leaving: true };
}
