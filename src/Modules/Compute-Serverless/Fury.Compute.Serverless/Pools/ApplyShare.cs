using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Which cluster is asked for what, decided and on record before the saga began.</summary>
internal sealed record ShareOrder(PoolId Pool, string Cluster, long Wish)
{
    /// <summary>One at a time for each pool in each cluster, whatever is asked.</summary>
    public string Key => $"{Pool}/{Cluster}";
}

/// <summary>
/// Asks one cluster for its share of a pool, until it has heard. A newer wish makes it say nothing; a refusal that will not pass is told as the pool's
/// problem. There is nothing to undo: what a pool no longer wants in a cluster is taken away by a saga of its own.
/// </summary>
internal sealed class ApplyShare(IPoolStore store, IClusterApi clusters, WorkloadIdentity identity) : Saga<ShareOrder>
{
    /// <summary>A cluster may be away for long; its share waits, or is placed elsewhere, which is a newer wish.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private static readonly Retry UntilHeard = Retry.Forever(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15));

    protected override void Define(SagaBuilder<ShareOrder> saga)
    {
        saga.Name("serverless.apply-share").Version(1).Key(input => input.Key).Deadline(Patience);
        saga.Step("apply", Effect.Find, Apply, retry: UntilHeard);
    }

    private async Task<Outcome> Apply(StepContext<ShareOrder> x)
    {
        if (await store.Find(x.Input.Pool, x.Cancellation) is not { } pool
            || pool.ShareIn(x.Input.Cluster) is not { Leaving: false } share
            || share.Wish != x.Input.Wish)
        {
            return Outcome.Ok; // Not wanted any more.
        }

        var cluster = ClusterName.Parse(x.Input.Cluster);
        var applied = await clusters.Apply(cluster, Workloads.Of(pool, share, identity), x.Cancellation);
        if (applied.IsOk && applied.Value.Wanted > share.Replicas)
        {
            // What is scaled by itself is not made smaller by asking for it anew; a wish for fewer is.
            applied = await clusters.SetReplicas(cluster, pool.Spec.Id, share.Replicas, x.Cancellation);
        }

        // A host that has only begun goes on with sagas before it knows its clusters: that there is none is no refusal.
        if (!applied.IsOk && applied.Fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.NotFound)
        {
            return applied.Fault;
        }

        // Told as the pool's problem, which deployments read. A quota may be raised, so it is asked again; other refusals stand until the next wish.
        var told = await Tell(pool, share, applied.Fault, x.Cancellation);
        return !told.IsOk ? told.Fault : applied.Fault is { Kind: FaultKind.Exhausted } full ? full : Outcome.Ok;
    }

    private async Task<Outcome<Pool>> Tell(Pool pool, Share share, Fault? fault, CancellationToken cancellation)
    {
        var refused = fault is null ? null : fault with { Message = $"Cluster '{share.Cluster}' refuses: {fault.Message}", Detail = null };
        return (refused?.Kind, refused?.Message) == (share.Refused?.Kind, share.Refused?.Message) ? pool : await store.Change(
            pool.Spec.Id,
            known => known.ShareIn(share.Cluster) is { } now && now.Wish == share.Wish ? known.With(now with { Refused = refused }) : known,
            cancellation);
    }
}
