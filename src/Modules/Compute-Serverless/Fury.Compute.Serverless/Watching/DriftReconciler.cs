using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Watching;

/// <summary>
/// Brings clusters and the record together again where somebody else has changed something: what was taken away is asked for anew, and what nobody
/// wants is removed. Only what carries the platform's mark is ever touched.
/// </summary>
internal sealed class DriftReconciler(ClusterStore registry, IClusterApi clusters, IPoolStore pools, ILogger<DriftReconciler> log) : IReconciler
{
    /// <summary>Clusters are compared in turn, so many in one pass: what it costs does not grow with the fleet.</summary>
    private const int ClustersPerPassMax = 20;

    private readonly Dictionary<string, Drift> _before = [];
    private string _last = "";

    public string Name => "serverless.drift";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(20);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var all = (await registry.List(cancellation)).Select(one => one.Cluster.Name).Order(StringComparer.Ordinal).ToList();
        foreach (var cluster in all.OrderBy(name => string.CompareOrdinal(name, _last) <= 0).Take(ClustersPerPassMax))
        {
            _last = cluster;
            var there = await clusters.Pools(ClusterName.Parse(cluster), cancellation);
            if (!there.IsOk)
            {
                _before.Remove(cluster); // What cannot be asked has not drifted.
                continue;
            }

            var seen = Drift.Between(cluster, there.Value, await pools.In(cluster, cancellation));
            await Mend(cluster, seen.Lasting(_before.GetValueOrDefault(cluster, Drift.None)), cancellation);
            _before[cluster] = seen;
        }
    }

    private async Task Mend(string cluster, Drift drift, CancellationToken cancellation)
    {
        foreach (var missing in drift.Missing)
        {
            log.LogWarning("Cluster {Cluster} has lost pool {Pool}, which is asked for anew", cluster, missing);
            await pools.Change(missing, pool => pool.Phase == PoolPhase.Active ? pool with { Wish = pool.Wish + 1 } : pool, cancellation);
        }

        foreach (var orphan in drift.Orphans)
        {
            log.LogWarning("Cluster {Cluster} runs pool {Pool}, which nobody wants there; it is removed", cluster, orphan);
            await clusters.Remove(ClusterName.Parse(cluster), orphan, Workloads.Grace, cancellation);
        }
    }
}
