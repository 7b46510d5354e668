using System.Collections.Concurrent;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Health;

/// <summary>
/// Watches the instances that only this host sees, and those of the regions whose lease it has. Providers are asked for all of a region together,
/// whoever waits for them; work is in proportion to the instances that live; checks at once are bounded.
/// </summary>
internal sealed class InstanceMonitor : BackgroundService, IInstanceWatcher
{
    private const int ProbesAtOnceMax = 64;
    private const int DescribedAtOnceMax = 1000;

    /// <summary>Every instance that is due is described so often even when nothing hints at a change.</summary>
    private static readonly TimeSpan DescribePeriod = TimeSpan.FromSeconds(5);

    /// <summary>How often a cloud is asked for what it shows running: its health tells more.</summary>
    private static readonly TimeSpan RunningDescribed = TimeSpan.FromMinutes(1);

    /// <summary>Between the end of a look that took long and the next.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<InstanceId, (InstanceWatch Watch, CancellationTokenSource Forget)> _watches = new();
    private readonly ConcurrentDictionary<PoolId, WatchedPool> _pools = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _probesAtOnce = new(ProbesAtOnceMax);
    private readonly IPoolStore _store;
    private readonly InstanceProviders _providers;
    private readonly Regions _regions;
    private readonly INode _node;
    private readonly TimeProvider _clock;
    private readonly ILogger<InstanceMonitor> _log;
    private readonly Lazy<WatchTools> _tools;

    public InstanceMonitor(
        IPoolStore store,
        IOutageStore outages,
        InstanceProviders providers,
        IHealthProbe probe,
        Regions regions,
        INode node,
        Func<ILittleMonster> monster,
        TimeProvider clock,
        ILogger<InstanceMonitor> log)
    {
        (_store, _providers, _regions, _node, _clock, _log) = (store, providers, regions, node, clock, log);
        _tools = new(() => new(outages, probe, monster(), _probesAtOnce, clock, log));
    }

    public void Watch(PoolId pool, IReadOnlyCollection<InstanceId> ids) =>
        _ = Task.Run(() => Safely(() => WatchNow(pool, ids, _stopping.Token), _stopping.Token));

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
        var alive = Repeat(() => _store.Alive(_node.Name, stoppingToken), stoppingToken);
        var loops = _providers.All.SelectMany(provider => (Task[])
        [
            Listen(provider, stoppingToken),
            .. provider.IsShared
                ? provider.Regions.Select(region => Repeat(() => LookAfter(new(provider, region), stoppingToken), stoppingToken))
                : [Repeat(() => LookAfterOwn(provider, stoppingToken), stoppingToken)],
        ]);
        await Task.WhenAll([alive, .. loops]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LookAfterOwn(IInstanceProvider provider, CancellationToken cancellation)
    {
        await TakeUp(await _store.OfNode(_node.Name, cancellation), cancellation);
        await Describe(provider, watch => watch.Place.Provider == provider.Name, cancellation);
    }

    private async Task LookAfter(Site site, CancellationToken cancellation)
    {
        bool IsOfSite(InstanceWatch watch) => watch.Place.Provider == site.Provider.Name && watch.Place.Region == site.Region;

        if (await _regions.Take(site, cancellation))
        {
            await TakeUp(await _store.Shared(site.Provider.Name, site.Region, cancellation), cancellation);
            await Describe(site.Provider, IsOfSite, cancellation);
            return;
        }

        foreach (var (id, _) in _watches.Where(watched => IsOfSite(watched.Value.Watch)))
        {
            Forget(id);
        }
    }

    /// <summary>What is on record as this host's to watch and is not watched yet.</summary>
    private async Task TakeUp(IReadOnlyList<(InstanceId Instance, PoolId Pool)> mine, CancellationToken cancellation)
    {
        foreach (var pool in mine.Where(one => !_watches.ContainsKey(one.Instance)).GroupBy(one => one.Pool, one => one.Instance))
        {
            await WatchNow(pool.Key, [.. pool], cancellation);
        }

        var watched = _watches.Values.Select(one => one.Watch.Pool).ToHashSet();
        foreach (var (id, _) in _pools.Where(known => !watched.Contains(known.Key)))
        {
            _pools.TryRemove(id, out _);
        }
    }

    private async Task WatchNow(PoolId poolId, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellation)
    {
        if (await _store.Find(poolId, cancellation) is not { } pool)
        {
            return;
        }

        var wanted = ids.ToHashSet();
        foreach (var place in pool.Instances.Where(one => one is { IsLive: true, ProviderId: not null } && wanted.Contains(one.Id)).GroupBy(one => one.Place))
        {
            if (_providers.Of(place.Key) is { } provider
                && (!provider.IsShared || await _regions.Take(new(provider, place.Key.Region), cancellation)))
            {
                var watched = _pools.GetOrAdd(poolId, _ => new(poolId, pool.Spec.Release.HealthPath, _store));
                await Begin([.. place.Select(one => new InstanceWatch(one, watched, provider, _tools.Value))], provider, cancellation);
            }
        }
    }

    private async Task Begin(IReadOnlyList<InstanceWatch> watches, IInstanceProvider provider, CancellationToken cancellation)
    {
        var begun = watches.Select(watch => (Watch: watch, Forget: new CancellationTokenSource()))
            .Where(one => _watches.TryAdd(one.Watch.Id, one))
            .ToList();
        if (!provider.IsShared)
        {
            // A cloud's takes longer to boot than until the next look at its region, which asks for all lots together.
            await Look(provider, [.. begun.Select(one => one.Watch)], cancellation);
        }

        foreach (var (watch, forget) in begun)
        {
            _ = Run(watch, forget);
        }
    }

    private async Task Run(InstanceWatch watch, CancellationTokenSource forget)
    {
        try
        {
            await using var stop = _stopping.Token.Register(forget.Cancel);
            await watch.Run(forget.Token);
        }
        catch (OperationCanceledException) when (forget.IsCancellationRequested)
        {
            // It is being stopped, or the host is, or another looks after it.
        }
        catch (Exception failed)
        {
            _log.LogWarning("The watch of instance {Instance} has ended and begins again: {Reason}", watch.Id, failed.Message);
        }
        finally
        {
            if (_watches.TryGetValue(watch.Id, out var watched) && watched.Watch == watch)
            {
                _watches.TryRemove(watch.Id, out _);
            }
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

    private async Task Describe(IInstanceProvider provider, Func<InstanceWatch, bool> which, CancellationToken cancellation)
    {
        var watches = _watches.Values.Select(watched => watched.Watch).Where(which).ToList();
        var due = watches.Where(watch => watch.IsDue(RunningDescribed)).ToList();
        if (due.Any(watch => watch.Runs))
        {
            // What runs is asked for together, and so is due together the next time: a cloud's list costs the same for one as for all.
            due = [.. watches.Where(watch => watch.IsDue(RunningDescribed / 2))];
        }

        foreach (var batch in due.Chunk(DescribedAtOnceMax))
        {
            await Look(provider, batch, cancellation);
        }
    }

    private async Task Look(IInstanceProvider provider, InstanceWatch[] watches, CancellationToken cancellation)
    {
        if (watches.Length == 0)
        {
            return;
        }

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

    private async Task Repeat(Func<Task> work, CancellationToken cancellation)
    {
        while (true)
        {
            await Safely(work, cancellation);
            await Task.Delay(UntilNext(_clock.GetUtcNow()), _clock, cancellation);
        }
    }

    /// <summary>All regions are looked at in the same moments, so that a cloud whose lists are of several is asked for them once.</summary>
    private static TimeSpan UntilNext(DateTimeOffset now)
    {
        var soonest = (now + PauseMin).UtcTicks;
        var moments = (soonest + DescribePeriod.Ticks - 1) / DescribePeriod.Ticks;
        return TimeSpan.FromTicks((moments * DescribePeriod.Ticks) - now.UtcTicks);
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
