using System.Collections.Concurrent;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Health;

/// <summary>
/// Watches the instances that this host has asked for: the host that is the machine of local ones. Work is in proportion to the
/// instances that live; checks at once are bounded.
/// </summary>
internal sealed class InstanceMonitor : BackgroundService, IInstanceWatcher
{
    private const int ProbesAtOnceMax = 64;
    private const int DescribedAtOnceMax = 100;

    /// <summary>Every instance is described so often even when nothing hints at a change.</summary>
    private static readonly TimeSpan DescribePeriod = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<InstanceId, (InstanceWatch Watch, CancellationTokenSource Forget)> _watches = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _probesAtOnce = new(ProbesAtOnceMax);
    private readonly IPoolStore _store;
    private readonly InstanceProviders _providers;
    private readonly INode _node;
    private readonly TimeProvider _clock;
    private readonly ILogger<InstanceMonitor> _log;
    private readonly Lazy<WatchTools> _tools;

    public InstanceMonitor(
        IPoolStore store,
        InstanceProviders providers,
        IHealthProbe probe,
        INode node,
        Func<ILittleMonster> monster,
        TimeProvider clock,
        ILogger<InstanceMonitor> log)
    {
        (_store, _providers, _node, _clock, _log) = (store, providers, node, clock, log);
        _tools = new(() => new(store, probe, monster(), _probesAtOnce, clock, log));
    }

    public void Watch(PoolId pool, InstanceId id) => _ = Task.Run(async () =>
    {
        try
        {
            await WatchNow(pool, id);
        }
        catch (Exception failed) when (!_stopping.IsCancellationRequested)
        {
            _log.LogWarning("Instance {Instance} cannot be watched yet: {Reason}", id, failed.Message);
        }
    });

    public void Forget(InstanceId id)
    {
        if (_watches.TryRemove(id, out var watched))
        {
            watched.Forget.Cancel();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _stopping.Dispose();
        _probesAtOnce.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var stop = stoppingToken.Register(_stopping.Cancel);
        var loops = _providers.All.SelectMany(provider => (Task[])[Listen(provider, stoppingToken), Describe(provider, stoppingToken)]);
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WatchNow(PoolId poolId, InstanceId id)
    {
        var pool = await _store.Find(poolId, _stopping.Token);
        if (pool?.Find(id) is not { IsLive: true, ProviderId: not null } instance)
        {
            return;
        }

        var watch = new InstanceWatch(instance, pool, _tools.Value);
        var forget = new CancellationTokenSource();
        if (!_watches.TryAdd(id, (watch, forget)))
        {
            return;
        }

        try
        {
            await using var stop = _stopping.Token.Register(forget.Cancel);
            await Look(_providers.Of(pool.Spec.Location)!, [watch], forget.Token);
            await watch.Run(forget.Token);
        }
        catch (OperationCanceledException) when (forget.IsCancellationRequested)
        {
            // It is being stopped, or the host is.
        }
        finally
        {
            _watches.TryRemove(id, out _);
        }
    }

    private async Task Listen(IInstanceProvider provider, CancellationToken cancellation)
    {
        await foreach (var id in provider.Changes(cancellation))
        {
            if (_watches.Values.FirstOrDefault(watched => watched.Watch.ProviderId == id).Watch is { } watch)
            {
                await Safely(() => Look(provider, [watch], cancellation), cancellation);
            }
        }
    }

    /// <summary>Describes all that is watched, and takes up what is on record as this host's and is not watched yet.</summary>
    private async Task Describe(IInstanceProvider provider, CancellationToken cancellation)
    {
        while (true)
        {
            await Safely(
                async () =>
                {
                    await _store.Alive(_node.Name, cancellation);
                    foreach (var (instance, pool) in await _store.OfNode(_node.Name, cancellation))
                    {
                        if (!_watches.ContainsKey(instance))
                        {
                            Watch(pool, instance);
                        }
                    }

                    var mine = _watches.Values.Select(watched => watched.Watch).Where(watch => watch.Location.Provider == provider.Name);
                    foreach (var batch in mine.Chunk(DescribedAtOnceMax))
                    {
                        await Look(provider, batch, cancellation);
                    }
                },
                cancellation);
            await Task.Delay(DescribePeriod, _clock, cancellation);
        }
    }

    private async Task Look(IInstanceProvider provider, IReadOnlyList<InstanceWatch> watches, CancellationToken cancellation)
    {
        var described = await provider.Describe([.. watches.Select(watch => watch.ProviderId)], cancellation);
        if (!described.IsOk)
        {
            _log.LogWarning("Instances of provider {Provider} could not be described: {Fault}", provider.Name, described.Fault);
            return;
        }

        var seen = described.Value.ToDictionary(instance => instance.Id);
        foreach (var watch in watches)
        {
            watch.Seen(seen.GetValueOrDefault(watch.ProviderId));
        }
    }

    private async Task Safely(Func<Task> work, CancellationToken cancellation)
    {
        try
        {
            await work();
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested)
        {
            _log.LogWarning("Instances could not be looked at and will be again: {Reason}", failed.Message);
            await Task.Delay(FailurePause, _clock, cancellation);
        }
    }
}
