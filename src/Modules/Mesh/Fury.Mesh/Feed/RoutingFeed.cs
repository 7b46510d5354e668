using System.Runtime.CompilerServices;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Feed;

/// <summary>The contract, kept for the proxies of this host. Every change comes in by <see cref="Refresh"/>, whoever made it.</summary>
internal sealed class RoutingFeed(FeedStore store, ProxyStore proxies, ProxyRoster roster, XdsHub hub) : IRoutingFeed, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly RoutingState _state = new();
    private readonly MeshState _mesh = new();
    private readonly HashSet<Subscription> _subscriptions = [];

    /// <summary>The last revision that is loaded; -1 when none is.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _state.Revision;
            }
        }
    }

    /// <summary>
    /// Loads what has changed and tells the subscribers. When it returns, everything that was committed before it began is loaded.
    /// </summary>
    public async Task Refresh(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            var seen = Revision;
            var changes = await store.Since(seen, cancellation);
            if (changes.Revision == seen)
            {
                return;
            }

            lock (_gate)
            {
                var touched = _state.Apply(changes);
                foreach (var subscription in _subscriptions)
                {
                    subscription.Note(touched);
                }
            }

            var (snapshot, differing, callers) = _mesh.Apply(changes);
            hub.Apply(snapshot, differing, callers);
            MeshMetrics.Revision.Record(changes.Revision);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public async IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The race with a publisher on another host: the proxy is on record first, the state is read after. Either the publisher finds the
        // proxy and waits for it, or this read finds what was published.
        await proxies.Join(proxy, cancellation);
        roster.Join(proxy);
        await Refresh(cancellation);

        var subscription = new Subscription();
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }

        try
        {
            while (true)
            {
                RoutingUpdate? update;
                lock (_gate)
                {
                    update = subscription.Take(_state);
                }

                if (update is not null)
                {
                    MeshMetrics.Updates.Add(1);
                    yield return update;
                }

                await subscription.Signal.ReadAsync(cancellation);
            }
        }
        finally
        {
            lock (_gate)
            {
                _subscriptions.Remove(subscription);
            }
        }
    }

    public ValueTask Applied(string proxy, long version, CancellationToken cancellation)
    {
        roster.Applied(proxy, version);
        return ValueTask.CompletedTask;
    }

    public ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation)
    {
        roster.Report(proxy, traffic);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _refreshing.Dispose();
}
