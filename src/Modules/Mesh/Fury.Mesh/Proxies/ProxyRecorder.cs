using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Mesh.Proxies;

/// <summary>
/// Beats for the roster and puts its news on record: within a beat of an applied version, so that other hosts see it, and otherwise twice a
/// second for counters and once a second as a sign of life.
/// </summary>
internal sealed class ProxyRecorder(ProxyRoster roster, ProxyStore store, TimeProvider clock, ILogger<ProxyRecorder> log)
    : BackgroundService
{
    /// <summary>At least this long between two writes of a host, however fast versions come.</summary>
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(100);

    private const int BeatsPerTraffic = 2;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Beat(stoppingToken), Record(stoppingToken));

    private async Task Beat(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ProxyRoster.BeatPeriod, clock);
        while (await Tick(timer, stopping))
        {
            roster.Beat();
        }
    }

    private async Task Record(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // Counters and signs of life wait for two beats; an applied version does not.
            var moved = roster.Moved;
            await Write(stopping);
            await Task.Delay(WritePause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await moved.WaitAsync((BeatsPerTraffic * ProxyRoster.BeatPeriod) - WritePause, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Write(CancellationToken.None);
    }

    private async Task Write(CancellationToken cancellation)
    {
        var news = roster.TakeNews();
        if (news.Heard.Count == 0 && news.Traffic.Count == 0)
        {
            return;
        }

        try
        {
            await store.Write(news, cancellation);
        }
        catch (Exception cause)
        {
            roster.GiveBack(news);
            if (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(cause, "Could not record what {Count} proxies have applied and counted; trying again", news.Heard.Count);
            }
        }
    }

    private static async Task<bool> Tick(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
