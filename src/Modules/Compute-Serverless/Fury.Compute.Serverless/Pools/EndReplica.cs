using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Which replica is to make room for another; it was marked as ending in the transaction that started the saga.</summary>
/// <param name="Name">Its name in the cluster.</param>
internal sealed record ReplicaOrder(PoolId Pool, string Cluster, string Name, InstanceId Id);

/// <summary>
/// Lets proxies hear that a replica stops, then ends it. From then on it is the cluster's own machinery that starts another and the watch that tells of
/// it. A cluster that refuses keeps the replica, which counts as before: a pool must not lack one for a permission that is missing.
/// </summary>
internal sealed class EndReplica(IPoolStore store, IClusterApi clusters, ILogger<EndReplica> log) : Saga<ReplicaOrder>
{
    /// <summary>What the news that it stops is given to reach proxies, so that none sends to a process that no longer listens.</summary>
    private static readonly TimeSpan MeshLeave = TimeSpan.FromMilliseconds(500);

    /// <summary>A cluster may be away for long; what was to go still has to when it comes back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    private static readonly Retry UntilHeard = Retry.Forever(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15));

    protected override void Define(SagaBuilder<ReplicaOrder> saga)
    {
        saga.Name("serverless.end-replica").Version(1).Key(input => input.Id.ToString()).Deadline(Patience);
        saga.Pivot();
        saga.Sleep("leave-mesh", MeshLeave);
        saga.Step("end", Effect.Find, End, retry: UntilHeard);
    }

    private async Task<Outcome> End(StepContext<ReplicaOrder> x)
    {
        if ((await store.Find(x.Input.Pool, x.Cancellation))?.Find(x.Input.Id) is not { Ending: true })
        {
            return Outcome.Ok; // It has gone by itself.
        }

        var ended = await clusters.EndReplica(ClusterName.Parse(x.Input.Cluster), x.Input.Name, Workloads.Grace, x.Cancellation);

        // A host that has only begun goes on with sagas before it knows its clusters: that there is none is no refusal.
        if (ended.IsOk || ended.Fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.NotFound)
        {
            return ended;
        }

        log.LogWarning("Cluster {Cluster} will not end replica {Replica}, which stays: {Fault}", x.Input.Cluster, x.Input.Name, ended.Fault);
        var kept = await store.Change(
            x.Input.Pool,
            pool => pool.Find(x.Input.Id) is { Ending: true } replica ? pool.With(replica with { Ending = false }) : pool,
            x.Cancellation);
        return kept.IsOk ? Outcome.Ok : kept.Fault;
    }
}
