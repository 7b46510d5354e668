using System.Collections.Concurrent;
using Fury.Compute.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Driving;

/// <summary>
/// The drivers of this host. A pass takes every shard that is free, and starts a driver for each live deployment of the shards it holds;
/// between passes, deployments that are admitted here are picked up at once. When a lease is lost its drivers stop.
/// </summary>
internal sealed class Drivers : IReconciler, IHostedService, IEventListener<PoolChanged>, IDisposable
{
    public const string ReconcilerName = "deployments";

    private const int LivePageMax = 500;

    private readonly ILeases _leases;
    private readonly World _world;
    private readonly IDeploymentStore _store;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private readonly ConcurrentDictionary<int, ILease> _shards = [];
    private readonly ConcurrentDictionary<DeploymentId, Running> _running = [];
    private readonly PoolIndex _pools = new();
    private readonly CancellationTokenSource _stopping = new();

    public Drivers(ILeases leases, World world, IDeploymentStore store, Signals signals, IGates gates, TimeProvider clock, ILoggerFactory loggers)
    {
        gates.Changed += WakeAll;
        (_leases, _world, _store, _clock, _loggers) = (leases, world, store, clock, loggers);
        signals.Raised += Wake;
    }

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        for (var shard = 0; shard < Shards.Count && !_stopping.IsCancellationRequested; shard++)
        {
            await Acquire(shard, cancellation);
        }

        DeploymentId? after = null;
        do
        {
            var live = await _store.Live([.. _shards.Keys], after, LivePageMax, cancellation);
            foreach (var (id, shard, revision) in live)
            {
                if (Start(id, shard) is { } running && running.Driver.Revision < revision)
                {
                    running.Driver.Wake();
                }
            }

            after = live.Count == LivePageMax ? live[^1].Id : null;
        }
        while (after is not null);
    }

    /// <summary>Starts driving a deployment that was just admitted; false when another host holds its shard.</summary>
    public bool TryStart(DeploymentId deployment, int shard) => Start(deployment, shard) is not null;

    public Task Handle(PoolChanged news, CancellationToken cancellation)
    {
        _pools.Wake(news.Pool.Id);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the drivers where they are, then gives the shards to other hosts.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values.Select(running => running.Task)).WaitAsync(cancellationToken);
        foreach (var shard in _shards.Keys)
        {
            if (_shards.TryRemove(shard, out var held))
            {
                await held.DisposeAsync();
            }
        }
    }

    public void Dispose() => _stopping.Dispose();

    private void Wake(DeploymentId deployment)
    {
        if (_running.TryGetValue(deployment, out var running))
        {
            running.Driver.Wake();
        }
    }

    private void WakeAll()
    {
        foreach (var running in _running.Values)
        {
            running.Driver.Wake();
        }
    }

    private async Task Acquire(int shard, CancellationToken cancellation)
    {
        if (_shards.TryGetValue(shard, out var held))
        {
            if (!held.Lost.IsCancellationRequested)
            {
                return;
            }

            _shards.TryRemove(shard, out _);
            await held.DisposeAsync();
        }

        if (await _leases.TryAcquire(Shards.LeaseOf(shard), cancellation) is { } lease)
        {
            _shards[shard] = lease;
        }
    }

    private Running? Start(DeploymentId deployment, int shard)
    {
        if (_stopping.IsCancellationRequested || !_shards.TryGetValue(shard, out var held) || held.Lost.IsCancellationRequested)
        {
            return null;
        }

        if (_running.TryGetValue(deployment, out var known) && known.Token == held.Token)
        {
            return known;
        }

        var driver = new Driver(deployment, held.Token, _world, _store, _pools, _clock, _loggers.CreateLogger<Driver>());
        var running = new Running(driver, held.Token);
        var before = _running.GetOrAdd(deployment, running);
        if (before != running)
        {
            // One of a lost lease is on its way out; the next pass finds its place free.
            return before;
        }

        // The driver outlives the request that admitted the deployment, and must not log or trace in its name.
        using (ExecutionContext.SuppressFlow())
        {
            running.Task = Task.Run(() => Drive(deployment, running, held));
        }

        return running;
    }

    private async Task Drive(DeploymentId deployment, Running running, ILease lease)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, lease.Lost);
        try
        {
            await running.Driver.Run(stop.Token);
        }
        finally
        {
            _running.TryRemove(new(deployment, running));
        }
    }

    private sealed class Running(Driver driver, long token)
    {
        public Driver Driver => driver;

        public long Token => token;

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
