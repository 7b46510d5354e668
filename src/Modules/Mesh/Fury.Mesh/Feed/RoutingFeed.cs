using Fury.Mesh.Proxies;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Feed;

/// <summary>Keeps this host's state up to the database's. Every change comes in here, whoever made it.</summary>
internal sealed class RoutingFeed(FeedStore store, XdsHub hub, Attention attention, ProxyBook proxies) : IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly MeshState _state = new();

    /// <summary>The last revision that is loaded; -1 when none is.</summary>
    public long Revision => hub.Current.Revision;

    /// <summary>
    /// Loads what has changed and tells the streams. When it returns, everything that was committed before it began is loaded.
    /// </summary>
    public async Task Refresh(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            var seen = Revision;
            var changes = await store.Since(seen, cancellation);
            if (changes.Revision != seen)
            {
                var step = _state.Apply(changes);

                // Before it is in force: whoever reads the new revision of this host also reads who is behind with it.
                attention.Raise(changes.Routed, changes.Revision);
                var before = hub.Current.Splits.Scopes;
                hub.Apply(step);
                var turned = step.Touched.Where(scope => before.Contains(scope) != step.Snapshot.Splits.Scopes.Contains(scope));
                proxies.LookAgain([.. turned.SelectMany(hub.Followers).Select(stream => stream.Proxy.Name)]);
                MeshMetrics.Revision.Record(changes.Revision);
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();
}
