using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Routing;

/// <summary>
/// Follows the routing feed: each update is built, swapped in, and acknowledged after a report. The report comes first so that whoever sees
/// the acknowledgement also sees the requests that were still in flight to what has left the routes.
/// </summary>
internal sealed class RouteFollower(
    IRoutingFeed feed, LiveRoutes routes, PoolSlots slots, TimeProvider clock, ILogger<RouteFollower> log)
    : IDisposable
{
    /// <summary>The pause before the feed is asked again after it broke off; requests go on by the last model meanwhile.</summary>
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _reporting = new(1, 1);
    private readonly Dictionary<PoolId, PoolTraffic> _reported = [];

    /// <summary>Follows and reports until cancelled; never throws.</summary>
    /// <param name="proxy">The name of this sidecar towards the control plane.</param>
    public Task Run(string proxy, CancellationToken cancellation) =>
        Task.WhenAll(
            Repeat(stop => Follow(proxy, stop), ReconnectPause, "follow the routing feed", cancellation),
            Repeat(stop => Report(proxy, stop), IRoutingFeed.ReportInterval, "report to the routing feed", cancellation));

    /// <summary>Reports every pool whose numbers have changed; an empty report is still a sign of life.</summary>
    private async Task Report(string proxy, CancellationToken cancellation)
    {
        await _reporting.WaitAsync(cancellation);
        try
        {
            var moved = new List<PoolTraffic>();
            foreach (var slot in slots.All)
            {
                if (slot.HasMoved(_reported.GetValueOrDefault(slot.Id)))
                {
                    moved.Add(slot.Read());
                }
                else if (slot.LeftAt is { } left && clock.GetElapsedTime(left) > PoolSlots.KeptAfterLeaving)
                {
                    slots.Forget(slot.Id);
                    _reported.Remove(slot.Id);
                    feed.Forget(slot.Id);
                }
            }

            await feed.Report(proxy, moved, cancellation);
            foreach (var traffic in moved)
            {
                _reported[traffic.Pool] = traffic;
            }
        }
        finally
        {
            _reporting.Release();
        }
    }

    private async Task Follow(string proxy, CancellationToken cancellation)
    {
        await foreach (var update in feed.Subscribe(proxy, cancellation))
        {
            var before = routes.Current;
            var next = before.After(update, slots);
            routes.Swap(next);
            NoteWhoLeft(before, next, update);
            SidecarMetrics.Updates.Add(1);
            await Report(proxy, cancellation);
            await feed.Applied(proxy, update.Version, cancellation);
        }
    }

    private void NoteWhoLeft(RoutingModel before, RoutingModel next, RoutingUpdate update)
    {
        var touched = update.Whole ? before.ByScope.Keys.Union(next.ByScope.Keys) : update.Gone.Concat(update.Scopes.Select(scope => scope.Scope));
        foreach (var scope in touched)
        {
            foreach (var pool in before.ByScope.GetValueOrDefault(scope)?.Pools ?? [])
            {
                pool.Slot.LeftAt = clock.GetTimestamp();
            }

            foreach (var pool in next.ByScope.GetValueOrDefault(scope)?.Pools ?? [])
            {
                pool.Slot.LeftAt = null;
            }
        }
    }

    private async Task Repeat(Func<CancellationToken, Task> work, TimeSpan pause, string what, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await work(cancellation);
            }
            catch (Exception cause) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(cause, "Could not {What}; trying again in {Pause} ms", what, pause.TotalMilliseconds);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _reporting.Dispose();
}
