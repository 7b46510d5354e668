using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Usage;

/// <summary>What replicas use, as their clusters tell it, and how often they ran out of memory, as the record has it.</summary>
internal sealed class UsageReader(IPoolStore store, IClusterApi clusters, TimeProvider clock, ILogger<UsageReader> log)
{
    /// <summary>Never throws but when cancelled: what is not told is left out.</summary>
    public Task<IReadOnlyList<ReplicaUsage>> Read(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) => UsageParts.Gather(
        stop => ByCluster(pools, stop),
        Ask,
        failed => log.LogDebug(failed, "What some replicas use is not told"),
        clock,
        cancellation);

    private async Task<IEnumerable<IGrouping<string, Measured>>> ByCluster(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        from pool in await store.Find(pools, cancellation)
        from replica in pool.Replicas
        group new Measured(pool.Spec.Id, replica) by replica.Cluster;

    private async Task<IEnumerable<ReplicaUsage>> Ask(IGrouping<string, Measured> asked, CancellationToken cancellation)
    {
        var told = await clusters.Usage(ClusterName.Parse(asked.Key), cancellation);
        return told.IsOk
            ? from one in asked
              join usage in told.Value on one.Replica.Name equals usage.Replica
              select new ReplicaUsage(one.Pool, one.Replica.Id, usage.CpuSeconds, usage.MemoryBytes, one.Replica.OutOfMemoryKills)
            : [];
    }

    private sealed record Measured(PoolId Pool, SeenReplica Replica);
}
