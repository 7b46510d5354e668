using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>
/// Forgets old runs, and takes jobs out of clusters that carry the platform's mark and a run's name and that no record has there, when that was so at two
/// looks in a row.
/// </summary>
internal sealed class RunTidy(ClusterStore registry, IClusterApi clusters, RunStore runs, TimeProvider clock, ILogger<RunTidy> log) : IReconciler
{
    /// <summary>Ended runs of a scope that are no schedule's.</summary>
    public const int OfScopeMax = 100;

    private const int ForgottenAtOnceMax = 1000;

    /// <summary>However few there are.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromDays(30);

    private readonly Dictionary<string, HashSet<RunId>> _before = [];

    public string Name => "serverless.runs-tidy";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(20);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        while (await runs.Forget(clock.GetUtcNow() - AgeMax, OfScopeMax, ForgottenAtOnceMax, cancellation) == ForgottenAtOnceMax)
        {
            // There are more.
        }

        foreach (var one in await registry.List(cancellation))
        {
            await Tidy(ClusterName.Parse(one.Cluster.Name), cancellation);
        }
    }

    /// <summary>The cluster is asked before the record, so that a run that was recorded in between is no orphan.</summary>
    private async Task Tidy(ClusterName cluster, CancellationToken cancellation)
    {
        var there = await clusters.Jobs(cluster, cancellation);
        if (!there.IsOk)
        {
            _before.Remove(cluster.Value);
            return;
        }

        var recorded = (await runs.In(cluster.Value, cancellation)).Select(run => run.Id).ToHashSet();
        var orphans = Named(there.Value).Where(run => !recorded.Contains(run)).ToHashSet();
        foreach (var orphan in orphans.Intersect(_before.GetValueOrDefault(cluster.Value, [])))
        {
            log.LogWarning("Cluster {Cluster} has a job of run {Run}, which is not there by the record; it is removed", cluster, orphan);
            await clusters.RemoveJob(cluster, ClusterJobs.NameOf(orphan), cancellation);
        }

        _before[cluster.Value] = orphans;
    }

    private static IEnumerable<RunId> Named(IEnumerable<ClusterJob> jobs)
    {
        foreach (var job in jobs)
        {
            if (ClusterJobs.TryRead(job.Name, out var run))
            {
                yield return run;
            }
        }
    }
}
