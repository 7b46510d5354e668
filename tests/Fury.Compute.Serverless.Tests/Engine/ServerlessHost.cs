using System.Collections.Concurrent;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>
/// Clusters of many ages that simulate their pods, and one of processes. One for all test classes that name its collection, since clusters take a while
/// to prove themselves.
/// </summary>
[CollectionDefinition(Shared)]
public sealed class ServerlessHost : ClustersHost, ICollectionFixture<ServerlessHost>
{
    public const string Shared = "the shared serverless host";
    public const string RegionToLose = "to-lose";

    public IComputeEngine Engine => Get<IComputeEngine>();

    /// <summary>News by pool, in the order it was delivered.</summary>
    public ConcurrentDictionary<PoolId, ConcurrentQueue<PoolState>> News { get; } = new();

    protected override async Task StartClusters()
    {
        await Add("one", "1.22");
        await Add("two", "1.34");
        await Add("processes", "1.30", region: "of-processes", KubeletMode.Process);
        await Add("staying", "1.30", region: "to-drain");
        await Add("draining", "1.30", region: "to-drain");
        await Add("alone", "1.30", region: "of-one");
        await Add("to-lose-first", "1.30", region: RegionToLose);
        await Add("to-lose-second", "1.30", region: RegionToLose);
        await Add("to-lose-third", "1.30", region: RegionToLose);
        await Add(new() { Name = "at-alpha", Version = "1.30" }, "alpha", "one");
        await Add(new() { Name = "at-beta", Version = "1.30", ServesMetrics = false }, "beta", "two");
    }

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.AddSingleton<IEventListener<PoolChanged>>(new Listener(this));
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
