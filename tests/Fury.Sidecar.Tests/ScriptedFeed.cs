using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Tests;

/// <summary>A control plane that says what the test says, and remembers what it was told.</summary>
internal sealed class ScriptedFeed : IRoutingFeed
{
    private readonly Channel<RoutingUpdate> _updates = Channel.CreateUnbounded<RoutingUpdate>();
    private readonly ConcurrentDictionary<PoolId, PoolTraffic> _traffic = new();
    private readonly Lock _gate = new();
    private Dictionary<ScopeRef, ScopeRoutes> _scopes = [];
    private bool _subscribed;
    private long _version;
    private long _applied;

    public long Applied => Volatile.Read(ref _applied);

    /// <summary>What was reported last, when the version was acknowledged.</summary>
    public ConcurrentDictionary<long, IReadOnlyDictionary<PoolId, PoolTraffic>> TrafficAtApplied { get; } = new();

    public PoolTraffic Traffic(PoolId pool) => _traffic.GetValueOrDefault(pool, PoolTraffic.None(pool));

    /// <summary>Tells the sidecar; returns the version.</summary>
    public long Tell(bool whole, params ScopeRoutes[] scopes)
    {
        lock (_gate)
        {
            _scopes = whole ? [] : _scopes;
            foreach (var scope in scopes)
            {
                _scopes[scope.Scope] = scope;
            }

            _updates.Writer.TryWrite(new(++_version, whole, scopes));
            return _version;
        }
    }

    public async IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Whoever comes again is told everything that holds by now.
        if (Interlocked.Exchange(ref _subscribed, true))
        {
            yield return Whole();
        }

        await foreach (var update in _updates.Reader.ReadAllAsync(cancellation))
        {
            yield return update;
        }
    }

    private RoutingUpdate Whole()
    {
        lock (_gate)
        {
            while (_updates.Reader.TryRead(out _))
            {
                // It is in what is told now.
            }

            return new(_version, true, [.. _scopes.Values]);
        }
    }

    ValueTask IRoutingFeed.Applied(string proxy, long version, CancellationToken cancellation)
    {
        TrafficAtApplied[version] = _traffic.ToDictionary();
        Volatile.Write(ref _applied, version);
        return ValueTask.CompletedTask;
    }

    public ValueTask<HostAnswer> Find(string host, CancellationToken cancellation) =>
        ValueTask.FromResult(Applied == 0 ? HostAnswer.NoAnswer : HostAnswer.Unknown);

    public ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation)
    {
        foreach (var pool in traffic)
        {
            _traffic[pool.Pool] = pool;
        }

        return ValueTask.CompletedTask;
    }
}
