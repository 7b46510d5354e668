using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// A pool's counters since this process started, from those of the backends that it has had and of the HAProxies that these were in. They only grow,
/// but for what is in flight. Pure.
/// </summary>
internal sealed class PoolCounts(PoolId pool)
{
    private Kinds _before;
    private Kinds _now;
    private readonly Dictionary<Endpoint, ServerCounts> _replicas = [];
    private (Counted Counted, long Errors) _from = (Counted.None(0), 0);

    /// <summary>As of the last reading.</summary>
    public PoolTraffic Now { get; private set; } = PoolTraffic.None(pool);

    /// <summary>When the pool left the routes, as a timestamp of the clock; null while it is in them.</summary>
    public long? LeftAt { get; set; }

    /// <summary>The pool is given a backend, which may have counted for others before.</summary>
    /// <param name="from">What it has counted until now, when nothing is in flight there.</param>
    /// <param name="errors">Likewise.</param>
    public void Begin(Counted from, long errors)
    {
        _before = _now;
        _from = (from, errors);
    }

    /// <summary>
    /// Takes a reading of its backend. Numbers are read while requests come and go; each of these is never more than is true, and all of it when
    /// nothing is in flight. HAProxy's own counters of errors are not looked at: it counts one request in several of them, and some in none.
    /// </summary>
    /// <param name="errors">5xx that its servers have answered, those that are gone included; read after <paramref name="now"/>.</param>
    public void Note(Counted now, long errors)
    {
        var (from, errorsFrom) = _from;
        var (answered, fives) = (now.Answered - from.Answered, now.Fives - from.Fives);

        // An answer of 5xx that no server has given is HAProxy's own, for one that never came. A server's is counted when it begins, and at the backend
        // when it has ended, so while one is under way another may be taken for an application's error for a moment.
        var made = Math.Max(_now.Made, _before.Made + fives - (errors - errorsFrom));
        var wrong = Math.Max(_now.Wrong, _before.Wrong + fives - (made - _before.Made));

        // What has ended without any status got no answer: the replica broke off, and HAProxy did so too, or the client had left.
        var silent = now.BegunBefore - from.Begun - now.InFlight - answered - fives;
        var dropped = Math.Max(_now.Dropped, _before.Dropped + silent - (now.Left - from.Left));
        var left = Math.Max(_now.Left, _before.Left + silent - (dropped - _before.Dropped));
        _now = new(Math.Max(_now.Right, _before.Right + answered), wrong, made, dropped, left, Math.Max(_now.Begun, _before.Begun + now.Begun - from.Begun));
        Tell((int)now.InFlight);
    }

    /// <summary>The replica's counters, while the pool's scope is split; null where there are as many as there may be.</summary>
    /// <param name="from">What its server had counted before; null where it is new.</param>
    public ServerCounts? ReplicaAt(ServerAt server, Counted? from)
    {
        if (!_replicas.TryGetValue(server.Endpoint, out var counts) && _replicas.Count < PoolSlot.ReplicasMax)
        {
            _replicas[server.Endpoint] = counts = new(server.Endpoint, from ?? Counted.None(server.Backend));
        }

        return counts;
    }

    public void Removed(ServerAt server) => _replicas.GetValueOrDefault(server.Endpoint)?.Cut();

    public void ForgetReplicas()
    {
        _replicas.Clear();
        Tell(Now.InFlight);
    }

    /// <summary>Its HAProxy is gone: what was in flight got no answer. The next one counts from zero.</summary>
    public void Cut()
    {
        _now = _now with { Dropped = _now.Dropped + Math.Max(0, _now.Begun - _now.Ended) };
        _before = _now;
        _from = (Counted.None(0), 0);
        foreach (var replica in _replicas.Values)
        {
            replica.Cut();
        }

        Tell(0);
    }

    public bool HasMoved(PoolTraffic? since) =>
        Now.InFlight != (since?.InFlight ?? 0) || Now.Begun != (since?.Begun ?? 0) || Now.Requests != (since?.Requests ?? 0)
        || !Now.Replicas.SequenceEqual(since?.Replicas ?? []);

    private void Tell(int inFlight) => Now = Now with
    {
        Begun = Math.Max(_now.Begun, _now.Ended),
        Requests = _now.Ended,
        Errors = _now.Wrong,
        Failures = _now.Made + _now.Dropped,
        InFlight = inFlight,
        Replicas = [.. _replicas.Values.Select(replica => replica.Now)],
    };

    /// <summary>How requests have ended, each in one of these.</summary>
    /// <param name="Right">Answered, but not with 5xx.</param>
    /// <param name="Wrong">The application answered with 5xx.</param>
    /// <param name="Made">HAProxy answered with 5xx.</param>
    /// <param name="Dropped">Nobody answered.</param>
    /// <param name="Left">Nobody answered, as the client had left.</param>
    private readonly record struct Kinds(long Right, long Wrong, long Made, long Dropped, long Left, long Begun)
    {
        public long Ended => Right + Wrong + Made + Dropped + Left;
    }
}
