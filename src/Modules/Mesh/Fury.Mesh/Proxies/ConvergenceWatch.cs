using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;
using Fury.Mesh.Xds;
using Fury.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>Waits until every proxy that uses a scope, here and on other hosts, has applied a version, or has let go of a pool.</summary>
internal sealed class ConvergenceWatch(XdsHub hub, RoutingFeed feed, Standings here, ProxyStore elsewhere, TimeProvider clock)
{
    /// <summary>How often is looked while somebody waits, at most; a wave of acknowledgements is looked at as one.</summary>
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(5);

    /// <summary>How often other hosts are looked at once nobody here is behind.</summary>
    private static readonly TimeSpan ElsewherePeriod = TimeSpan.FromMilliseconds(100);

    public async Task<Convergence> Wait(ScopeRef scope, PoolId? pool, long version, TimeSpan patience, CancellationToken cancellation)
    {
        var (key, begun) = (MeshNames.Of(scope), clock.GetTimestamp());
        if (feed.Revision < version)
        {
            await feed.Refresh(cancellation);
        }

        while (true)
        {
            var moved = hub.NextMove();
            List<ProxyState> waiting = [.. from note in here.Behind(key) where note.Holds(pool) select note.Proxy];
            var left = patience - clock.GetElapsedTime(begun);

            // The others are asked once nobody here is behind, or when time is up.
            if (waiting.Count == 0 || left <= TimeSpan.Zero)
            {
                waiting.AddRange(await elsewhere.Behind(key, pool, version, cancellation));
                left = patience - clock.GetElapsedTime(begun);
                if (waiting.Count == 0 || left <= TimeSpan.Zero)
                {
                    MeshMetrics.ConvergenceMs.Record(clock.GetElapsedTime(begun).TotalMilliseconds);
                    return new(version, waiting);
                }
            }

            await Task.Delay(left < LookPause ? left : LookPause, clock, cancellation);
            var pause = left < ElsewherePeriod ? left : ElsewherePeriod;
            await moved.WaitAsync(pause, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
