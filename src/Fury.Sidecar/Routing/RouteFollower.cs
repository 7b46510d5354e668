using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Routing;

/// <summary>
/// Follows the routing feed: each update is put in force, and acknowledged after a report. The report comes first so that whoever sees the
/// acknowledgement also sees the requests that were still in flight to what has left the routes.
/// </summary>
internal sealed class RouteFollower(IRoutingFeed feed, IDataPlane plane, TimeProvider clock, ILogger<RouteFollower> log) : IDisposable
{
    /// <summary>The pause before the feed is asked again after it broke off; requests go on by the last model meanwhile.</summary>
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The least time between two reports, however urgent.</summary>
    private static readonly TimeSpan ReportPauseMin = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _reporting = new(1, 1);
    private readonly Dictionary<PoolId, PoolTraffic> _reported = [];

    /// <summary>Follows and reports until cancelled; never throws.</summary>
    /// <param name="proxy">The name of this sidecar towards the control plane.</param>
    public Task Run(string proxy, CancellationToken cancellation) =>
        Task.WhenAll(
            Repeat(stop => Follow(proxy, stop), stop => Task.Delay(ReconnectPause, clock, stop), "follow the routing feed", cancellation),
            Repeat(stop => Report(proxy, stop), UntilNextReport, "report to the routing feed", cancellation));

    private async Task UntilNextReport(CancellationToken cancellation)
    {
        await Task.Delay(ReportPauseMin, clock, cancellation);
        using var due = new CancellationTokenSource(IRoutingFeed.ReportInterval - ReportPauseMin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellation);
        await plane.Urgent(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Reports every pool whose numbers have changed; an empty report is still a sign of life.</summary>
    private async Task Report(string proxy, CancellationToken cancellation)
    {
        await _reporting.WaitAsync(cancellation);
        try
        {
            var news = await plane.Read(_reported, cancellation);
            foreach (var pool in news.Forgotten)
            {
                _reported.Remove(pool);
                feed.Forget(pool);
            }

            await feed.Report(proxy, news.Moved, cancellation);
            foreach (var traffic in news.Moved)
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
            await plane.Apply(update, cancellation);
            SidecarMetrics.Updates.Add(1);
            await Report(proxy, cancellation);
            await feed.Applied(proxy, update.Version, cancellation);
        }
    }

    private async Task Repeat(
        Func<CancellationToken, Task> work, Func<CancellationToken, Task> pause, string what, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await work(cancellation);
            }
            catch (Exception cause) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(cause, "Could not {What}; trying again soon", what);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await pause(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _reporting.Dispose();
}
