using System.Threading.Channels;
using Fury.Hosting;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Mesh.Proxies;

/// <summary>Tells of the pools that requests wait for at the proxies of this host: at once, and again each second while they do.</summary>
internal sealed class AwaitedPools(IDatabase database, TimeProvider clock, ILogger<AwaitedPools> log) : BackgroundService
{
    /// <summary>A pool is told of at most once in this time, however many proxies have requests that wait for it.</summary>
    private static readonly TimeSpan TellPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Beyond it a pool waits for a report to come when there is room.</summary>
    private const int PoolsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly HashSet<PoolAwaited> _due = [];
    private readonly Dictionary<PoolAwaited, long> _told = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(1);

    /// <summary>A proxy has reported that requests wait for these.</summary>
    public void Note(IEnumerable<PoolAwaited> pools)
    {
        lock (_gate)
        {
            foreach (var pool in pools)
            {
                var isDue = !_told.TryGetValue(pool, out var at) || clock.GetElapsedTime(at) >= TellPeriod;
                if (isDue && _told.Count < PoolsMax && _due.Add(pool))
                {
                    _news.Writer.TryWrite(true);
                }
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _news.Reader.ReadAsync(stoppingToken))
            {
                await Tell(Take(), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Whoever waits is told of again by its proxy, to another host.
        }
    }

    private List<PoolAwaited> Take()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            List<PoolAwaited> due = [.. _due];
            _due.Clear();
            foreach (var old in _told.Where(told => clock.GetElapsedTime(told.Value, now) >= TellPeriod).Select(told => told.Key).ToList())
            {
                _told.Remove(old);
            }

            due.ForEach(pool => _told[pool] = now);
            return due;
        }
    }

    private async Task Tell(List<PoolAwaited> pools, CancellationToken cancellation)
    {
        try
        {
            await database.Transaction<int>(
                async transaction =>
                {
                    foreach (var pool in pools)
                    {
                        await transaction.Tell(pool, cancellation);
                    }

                    return pools.Count;
                },
                cancellation);
        }
        catch (Exception cause) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("That requests wait for {Count} pools could not be told; their next report is another try: {Reason}", pools.Count, cause.Message);
        }
    }
}
