using System.Collections.Concurrent;
using Fury.ClusterApi;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Registry;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.LocalCluster;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>
/// The engine as it runs in the host, on a real database, over clusters that speak Kubernetes' API and simulate their pods. One for all test classes that
/// name its collection, since clusters take a while to prove themselves.
/// </summary>
[CollectionDefinition(Shared)]
public sealed class ServerlessHost : TestDatabase, IAsyncLifetime, ICollectionFixture<ServerlessHost>
{
    public const string Shared = "the shared serverless host";
    public const string Provider = "local";
    public const string Region = "here";
    public const string RegionToLose = "to-lose";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-test-clusters-");

    public ServerlessHost()
        : base(new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule())
    {
    }

    public IComputeEngine Engine => Get<IComputeEngine>();

    public Dictionary<string, LocalCluster.Cluster> Clusters { get; } = [];

    internal PlayedRequests Requests { get; } = new();

    /// <summary>News by pool, in the order it was delivered.</summary>
    public ConcurrentDictionary<PoolId, ConcurrentQueue<PoolState>> News { get; } = new();

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await StartHosted();
        await Add("one", "1.22");
        await Add("two", "1.34");
        await Add("processes", "1.30", region: "of-processes", KubeletMode.Process);
        await Add("staying", "1.30", region: "to-drain");
        await Add("draining", "1.30", region: "to-drain");
        await Add("alone", "1.30", region: "of-one");
        await Add("to-lose-first", "1.30", region: RegionToLose);
        await Add("to-lose-second", "1.30", region: RegionToLose);
        await Add("to-lose-third", "1.30", region: RegionToLose);

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

        _folder.Delete(recursive: true);
    }

    /// <summary>Starts a cluster and registers it.</summary>
    private async Task Add(string name, string version, string region = Region, KubeletMode kubelet = KubeletMode.Simulated)
    {
        var cluster = await LocalCluster.Cluster.Start(new() { Name = name, Version = version, Kubelet = kubelet });
        Clusters[name] = cluster;
        await Register(name, cluster.Kubeconfig, region, version);
    }

    /// <summary>Registers a cluster with this access.</summary>
    public async Task Register(string name, string kubeconfig, string region, string shape = "")
    {
        var file = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(file, kubeconfig);
        var facts = new Clusters.Cluster(
            name, Provider, region, ["local-a", "local-b", "local-c"], null, [], [], 0, 0, ClusterQuota.Unlimited, shape);
        await Get<ClusterStore>().Put(facts, new ClusterAccess("kubernetes", File: file), default);
    }

    /// <summary>It is to be left.</summary>
    public async Task Drain(string name)
    {
        var one = await Get<ClusterStore>().Find(name, default);
        await Get<ClusterStore>().Put(one!.Cluster with { Phase = ClusterPhase.Draining }, one.Access, default);
    }

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<IEventListener<PoolChanged>>(new Listener(this));
        services.AddSingleton<IDataPlane>(Requests);
    }

    private sealed class Listener(ServerlessHost host) : IEventListener<PoolChanged>
    {
        public Task Handle(PoolChanged news, CancellationToken cancellation)
        {
            host.News.GetOrAdd(news.Pool.Id, _ => []).Enqueue(news.Pool);
            return Task.CompletedTask;
        }
    }
}
