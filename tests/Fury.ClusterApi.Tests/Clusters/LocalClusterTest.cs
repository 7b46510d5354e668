using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>A local cluster of one's own, and the Cluster API that knows it.</summary>
public abstract class LocalClusterTest : IAsyncDisposable
{
    private readonly List<Cluster> _clusters = [];

    internal static ClusterName Name { get; } = ClusterName.Parse("local");

    internal ClusterDesk Desk { get; } = ClusterHost.Desk();

    internal async Task<Cluster> Start(ClusterOptions? options = null)
    {
        var cluster = await Cluster.Start(options ?? new ClusterOptions());
        _clusters.Add(cluster);
        var connected = await Desk.Connect(Name, ClusterHost.AccessOf(cluster), default);
        Assert.True(connected.IsOk, connected.Fault?.ToString());
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        Desk.Dispose();
        foreach (var cluster in _clusters)
        {
            await cluster.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal static PoolWorkload Workload(int replicas = 2, PoolScaling? scaling = null) => Given.Workload with
    {
        Id = PoolId.New(TimeProvider.System),
        Replicas = replicas,
        Scaling = scaling,
        Template = Given.Template with { Size = new InstanceSize(10, 16), HealthPath = null, Requires = null, Tolerates = null },
    };

    internal async Task<ClusterPool> Applied(PoolWorkload workload)
    {
        var applied = await Desk.Apply(Name, workload, default);
        Assert.True(applied.IsOk, applied.Fault?.ToString());
        return applied.Value;
    }

    internal static Task UntilReady(ClusterView view, PoolId pool, int replicas) =>
        Eventually.True(() => view.Ready(pool) == replicas && view.Of(pool).Count == replicas, because: $"{replicas} ready replicas of {pool}");
}
