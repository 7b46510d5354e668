using Fury.Catalog.Contracts;
using Fury.ClusterApi;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Tests.Jobs;
using Fury.LittleMonster;
using Fury.LocalCluster;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>The engine as it runs in the host, on a real database, over local clusters that a subclass starts.</summary>
public abstract class ClustersHost : TestDatabase, IAsyncLifetime
{
    public const string Provider = "local";
    public const string Region = "here";

    /// <summary>Where all pods are: what the access of a local cluster names.</summary>
    public const string Space = "default";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-test-clusters-");

    protected ClustersHost()
        : base(new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule())
    {
    }

    public FakeCatalog Catalog { get; } = new();

    internal PlayedRequests Requests { get; } = new();

    public Dictionary<string, LocalCluster.Cluster> Clusters { get; } = [];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await StartHosted();
        await StartClusters();

        // A cluster has to prove itself first; all do so at the same time.
        await Eventually.True(
            () => Clusters.Keys.All(name => Get<PlacementDesk>().Health.GetValueOrDefault(name)?.Phase == HealthPhase.Healthy),
            deadline: TimeSpan.FromMinutes(1));
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        foreach (var cluster in Clusters.Values)
        {
            await cluster.DisposeAsync();
        }

        Catalog.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>It is to be left.</summary>
    public async Task Drain(string name)
    {
        var one = await Get<ClusterStore>().Find(name, default);
        await Get<ClusterStore>().Put(one!.Cluster with { Phase = ClusterPhase.Draining }, one.Access, default);
    }

    protected abstract Task StartClusters();

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<ICatalog>(Catalog);
        services.AddSingleton<IDataPlane>(Requests);
    }

    /// <summary>Starts a cluster and registers it.</summary>
    protected Task Add(string name, string version, string region = Region, KubeletMode kubelet = KubeletMode.Simulated) =>
        Add(new ClusterOptions { Name = name, Version = version, Kubelet = kubelet }, Provider, region);

    protected async Task Add(ClusterOptions options, string provider, string region)
    {
        var cluster = await LocalCluster.Cluster.Start(options);
        Clusters[options.Name] = cluster;
        await Register(Get<ClusterStore>(), _folder, options.Name, cluster.Kubeconfig, region, options.Version, provider);
    }

    /// <summary>Registers a cluster with this access.</summary>
    public Task Register(string name, string kubeconfig, string region, string shape = "") =>
        Register(Get<ClusterStore>(), _folder, name, kubeconfig, region, shape);

    /// <param name="folder">Where its access document is kept.</param>
    internal static async Task Register(
        ClusterStore store, DirectoryInfo folder, string name, string kubeconfig, string region, string shape = "", string provider = Provider)
    {
        var file = Path.Combine(folder.FullName, name);
        await File.WriteAllTextAsync(file, kubeconfig);
        var facts = new Clusters.Cluster(
            name, provider, region, ["local-a", "local-b", "local-c"], null, [], [], 0, 0, ClusterQuota.Unlimited, shape);
        await store.Put(facts, new ClusterAccess("kubernetes", File: file), default);
    }
}
