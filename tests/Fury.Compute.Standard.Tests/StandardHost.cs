using System.Collections.Concurrent;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Standard.Tests;

/// <summary>The engine as it runs in the host, on a real database, over a cloud in memory.</summary>
public class StandardHost : TestDatabase
{
    public StandardHost()
        : base(new LittleMonsterModule(), new StandardModule())
    {
    }

    public FakeInstanceProvider Cloud { get; } = new();

    public IComputeEngine Engine => Get<IComputeEngine>();

    /// <summary>News by pool, in the order it was delivered.</summary>
    public ConcurrentDictionary<PoolId, ConcurrentQueue<PoolState>> News { get; } = new();

    /// <summary>A metric by the name <c>queue</c>, by pool.</summary>
    public ConcurrentDictionary<PoolId, double> Queues { get; } = new();

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<IPoolMetrics>(new QueueMetric(Queues));
        services.AddSingleton<IInstanceProvider>(Cloud);
        services.AddSingleton<IHealthProbe>(new CloudProbe(Cloud));
        Listen(services);
    }

    protected void Listen(IServiceCollection services) => services.AddSingleton<IEventListener<PoolChanged>>(new Listener(this));

    private sealed class Listener(StandardHost host) : IEventListener<PoolChanged>
    {
        public Task Handle(PoolChanged news, CancellationToken cancellation)
        {
            host.News.GetOrAdd(news.Pool.Id, _ => []).Enqueue(news.Pool);
            return Task.CompletedTask;
        }
    }

    private sealed class QueueMetric(ConcurrentDictionary<PoolId, double> queues) : IPoolMetrics
    {
        public bool Tells(string metric) => metric == "queue";

        public Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<PoolId, double>>(queues.Where(queue => pools.Contains(queue.Key)).ToDictionary());
    }

    private sealed class CloudProbe(FakeInstanceProvider cloud) : IHealthProbe
    {
        public Task<string?> Ask(string address, int port, string path, CancellationToken cancellation) =>
            Task.FromResult(cloud.IsHealthy(address) ? null : "It is sick.");
    }
}

/// <summary>The same, started.</summary>
public sealed class RunningStandardHost : StandardHost, IAsyncLifetime
{
    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await StartHosted();
    }
}
