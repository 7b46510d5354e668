using Fury.Mesh.Xds;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Mesh.Proxies;

/// <summary>
/// Puts on record what this host knows of its proxies: at once who has come or follows more, since they wait for it; within a tenth of a second who is
/// behind; counters twice a second; and once a second a sign of life.
/// </summary>
internal sealed class ProxyRecorder(
    XdsHub hub, ProxyBook proxies, TrafficBook traffic, Attention attention, ProxyStore store, TimeProvider clock, ILogger<ProxyRecorder> log)
    : BackgroundService
{
    /// <summary>Between two writes of a host, however much there is to say.</summary>
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan TrafficPeriod = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LifePeriod = TimeSpan.FromSeconds(1);

    private readonly Pace _counts = new(TrafficPeriod, clock);
    private readonly Pace _lives = new(LifePeriod, clock);
    private long _revision = -1;
    private bool _hasBegun;
    private Task? _news;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Write(stoppingToken);
            await Task.Delay(WritePause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _news ??= proxies.News(stoppingToken).AsTask();
            if (await Task.WhenAny(_news, Task.Delay(Attention.TurnPeriod, clock, stoppingToken)) == _news)
            {
                _news = null;
            }
        }

        _counts.Reset();
        await Write(CancellationToken.None);
        await End();
    }

    private async Task Write(CancellationToken cancellation)
    {
        // The revision is read before it is looked: whoever reads the row reads who was behind with that revision, or a later one.
        var revision = hub.Current.Revision;
        var (notes, recorded) = proxies.TakeNotes();
        var behind = attention.Look(revision);
        var counted = _counts.IsDue() ? traffic.TakeNews(hub.Current.Splits.Pools.ContainsKey) : [];
        var isNews = notes.Count > 0 || counted.Count > 0 || behind.Count > 0 || revision != _revision || _lives.IsDue();
        try
        {
            if (isNews && revision >= 0)
            {
                if (!_hasBegun)
                {
                    await store.Begin(cancellation);
                    _hasBegun = true;
                }

                await store.Write(new(revision, behind, notes, counted), cancellation);
                _revision = revision;
            }

            recorded.TrySetResult();
        }
        catch (Exception cause)
        {
            proxies.GiveBack(notes);
            attention.GiveBack(behind);
            traffic.GiveBack(counted);
            _lives.Reset();
            if (!cancellation.IsCancellationRequested)
            {
                log.LogWarning("What proxies have applied and counted could not be put on record, and is tried again: {Reason}", cause.Message);
            }
        }
    }

    private async Task End()
    {
        try
        {
            await store.End(CancellationToken.None);
        }
        catch (Exception cause)
        {
            log.LogWarning("That this host stops could not be put on record: {Reason}", cause.Message);
        }
    }

    /// <summary>Something that is done once a period.</summary>
    private sealed class Pace(TimeSpan period, TimeProvider clock)
    {
        private long? _last;

        public bool IsDue()
        {
            if (_last is { } last && clock.GetElapsedTime(last) < period)
            {
                return false;
            }

            _last = clock.GetTimestamp();
            return true;
        }

        public void Reset() => _last = null;
    }
}
