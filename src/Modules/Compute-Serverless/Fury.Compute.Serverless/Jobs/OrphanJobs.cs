using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>
/// Takes away what clusters have of runs that are not there by the record: left by a cluster that came back, or by a request that was late. Only when
/// it was so at two looks in a row, and only what is named as the platform names its runs.
/// </summary>
internal sealed class OrphanJobs(ClusterStore registry, IClusterApi clusters, RunStore runs, ILogger<OrphanJobs> log) : IReconciler
{
    private readonly Dictionary<string, IReadOnlySet<RunId>> _before = [];

    public string Name => "serverless.orphan-jobs";

    /// <summary>Also how long an orphan lives at least.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(20);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var cluster in (await registry.List(cancellation)).Select(one => one.Cluster.Name))
        {
            // The cluster is asked before the record, so that a run that came in between is no orphan.
            var there = await clusters.Jobs(ClusterName.Parse(cluster), cancellation);
            if (!there.IsOk)
            {
                _before.Remove(cluster);
                continue;
            }

            var orphans = Orphans(there.Value, await runs.In(cluster, cancellation));
            foreach (var orphan in orphans.Intersect(_before.GetValueOrDefault(cluster, new HashSet<RunId>())))
            {
                log.LogWarning("Cluster {Cluster} has a job of run {Run}, which is not there by the record; it is removed", cluster, orphan);
                await clusters.RemoveJob(ClusterName.Parse(cluster), ClusterJobs.NameOf(orphan), cancellation);
            }

            _before[cluster] = orphans;
        }
    }

    private static HashSet<RunId> Orphans(IReadOnlyList<ClusterJob> there, IReadOnlyList<JobRun> recorded)
    {
        HashSet<RunId> orphans = [];
        foreach (var job in there)
        {
            if (ClusterJobs.TryRead(job.Name, out var run))
            {
                orphans.Add(run);
            }
        }

        orphans.ExceptWith(recorded.Select(run => run.Id));
        return orphans;
    }
}
