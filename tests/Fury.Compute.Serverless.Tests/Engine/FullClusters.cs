using Fury.Catalog.Contracts;
using Fury.ClusterApi;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Tests.Jobs;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>Clusters that take so many replicas and no more, and hosts of the engine that come and go over them and one database.</summary>
internal sealed class FullClusters() : TestDatabase(new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule()), IAsyncDisposable
{
    public const string Region = "of-the-full";

    private const int Count = 4;
    private const int ReplicasPerNode = 50;

    private static readonly InstanceSize Size = new(CpuMillis: 100, MemoryMiB: 64);

    private readonly List<LocalCluster.Cluster> _clusters = [];
    private readonly FakeCatalog _catalog = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-test-full-");

    /// <summary>All pods that there are, in all clusters.</summary>
    public IReadOnlyList<string> Pods => [.. from cluster in _clusters from pod in cluster.Pods select pod.Name];

    /// <param name="room">How many replicas they take in all, a multiple of 200.</param>
    public static async Task<FullClusters> Start(int room)
    {
        var full = new FullClusters();
        await full.InitializeAsync();
        for (var number = 0; number < Count; number++)
        {
            await full.Add($"full-{number}", room / Count / ReplicasPerNode);
        }

        return full;
    }

    /// <summary>A wish for a pool that is one of many of its scope.</summary>
    public static PoolSpec Pool(ScopeRef scope) => new(
        PoolId.New(TimeProvider.System),
        ServerlessComputeTests.Release(scope, 1, Size),
        new(ServerlessHost.Provider, Region, "clusters"),
        Replicas: 1,
        Floor: 0,
        Ceiling: 1);

    /// <summary>Another host, once it places. To dispose of it is to kill it: nothing that it does is brought to an end.</summary>
    public async Task<ServiceProvider> StartHost()
    {
        var host = BuildServices();
        foreach (var background in host.GetServices<IHostedService>())
        {
            await background.StartAsync(default);
        }

        var desk = host.GetRequiredService<PlacementDesk>();
        await Eventually.True(
            () => desk.Health.Count == Count && desk.Health.Values.All(health => health.Phase == HealthPhase.Healthy), TimeSpan.FromMinutes(1));
        return host;
    }

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<ICatalog>(_catalog);
        services.AddSingleton<IDataPlane>(new PlayedRequests());
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        _catalog.Dispose();
        foreach (var cluster in _clusters)
        {
            await cluster.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task Add(string name, int nodes)
    {
        var cluster = await LocalCluster.Cluster.Start(new() { Name = name, Nodes = nodes, NodeCpu = $"{Size.CpuMillis * ReplicasPerNode}m" });
        _clusters.Add(cluster);
        await ClustersHost.Register(Get<ClusterStore>(), _folder, name, cluster.Kubeconfig, Region);
    }
}
