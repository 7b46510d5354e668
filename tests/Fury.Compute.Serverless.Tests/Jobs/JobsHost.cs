using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Tests.Engine;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>Two clusters of processes in one region.</summary>
[CollectionDefinition(Tests)]
public sealed class JobsHost : ClustersHost, ICollectionFixture<JobsHost>
{
    /// <summary>The collection of tests that share it.</summary>
    public const string Tests = "jobs";

    public static readonly ScopeRef Scope = ScopeRef.Parse("shop/production-jobs");

    internal JobDesk Desk => Get<JobDesk>();

    internal RunStore Runs => Get<RunStore>();

    /// <summary>A job of this script that may take a minute.</summary>
    internal JobRequest Job(string script) => new(Catalog.Script(script).Value, DeadlineSeconds: 60, StartWithinSeconds: 60);

    internal async Task<RunId> Start(JobRequest job, ScopeRef? scope = null)
    {
        var started = await Desk.Start(scope ?? Scope, job, null, default);
        Assert.True(started.IsOk, started.Fault?.ToString());
        return started.Value.Run.Id;
    }

    internal async Task<JobRun> Until(RunId id, Func<JobRun, bool> condition)
    {
        JobRun? last = null;
        try
        {
            await Eventually.True(async () => (last = await Runs.Find(id, default)) is { } run && (condition(run) || run.IsSettled));
        }
        catch (Xunit.Sdk.XunitException late)
        {
            throw new Xunit.Sdk.XunitException($"Run {id} is {last}", late);
        }

        Assert.True(condition(last!), $"It is {last}");
        return last!;
    }

    /// <summary>It has ended, and nothing of it is left: no job, no replica, no promise.</summary>
    internal async Task<JobRun> Ended(RunId id)
    {
        var run = await Until(id, one => one is { HasEnded: true, IsSettled: true });
        Assert.Empty(run.Seen);
        if (run.Phase == RunPhase.Lost || run.LostIn.Count > 0)
        {
            // What it had in a cluster that is said to have died goes when that answers, which is no part of the run's end.
            await Eventually.True(async () => !await IsInACluster(id));
        }

        Assert.False(await IsInACluster(id));
        return run;
    }

    internal async Task<IReadOnlyList<string>> Lines(RunId id) => [.. ((await Runs.Lines(id, default)) ?? []).Select(line => line.Text)];

    private async Task<bool> IsInACluster(RunId id)
    {
        foreach (var cluster in Clusters.Keys)
        {
            if ((await Get<IClusterApi>().Jobs(ClusterName.Parse(cluster), default)).Value.Any(job => job.Name == ClusterJobs.NameOf(id)))
            {
                return true;
            }
        }

        return false;
    }

    protected override async Task StartClusters()
    {
        await Add("one", "1.24", kubelet: KubeletMode.Process);
        await Add("two", "1.34", kubelet: KubeletMode.Process);
    }
}
