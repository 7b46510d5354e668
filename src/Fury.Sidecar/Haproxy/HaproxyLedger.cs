using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// Whose numbers HAProxy's counters are: backends serve one pool after another, and a server's counters go with it. No I/O; its owner locks.
/// </summary>
internal sealed class HaproxyLedger(TimeProvider clock)
{
    private readonly Dictionary<PoolId, PoolCounts> _pools = [];
    private readonly Dictionary<PoolId, int> _backends = [];
    private readonly Dictionary<int, Counted> _last = [];
    private readonly Dictionary<ServerAt, Counted> _servers = [];

    /// <summary>By backend, the 5xx that all its servers have answered up to the last reading.</summary>
    private readonly Dictionary<int, long> _errors = [];

    /// <summary>The part of them that servers have answered which were taken away.</summary>
    private readonly Dictionary<int, long> _errorsOfGone = [];

    private HashSet<PoolId> _split = [];

    /// <summary>Whether replicas are counted one by one anywhere.</summary>
    public bool CountsReplicas => _split.Count > 0;

    /// <summary>Pools that had nothing in flight at the last reading.</summary>
    public IEnumerable<PoolId> Idle => _backends.Where(pool => _last.TryGetValue(pool.Value, out var last) && last.InFlight == 0).Select(pool => pool.Key);

    /// <summary>A new target: which pool has which backend from now on, and which have left the routes.</summary>
    public void Follow(HaproxyTarget target)
    {
        foreach (var (pool, backend) in target.Backends)
        {
            if (!_pools.TryGetValue(pool, out var counts))
            {
                _pools[pool] = counts = new(pool);
            }

            if (!_backends.TryGetValue(pool, out var had) || had != backend)
            {
                counts.Begin(_last.GetValueOrDefault(backend) ?? Counted.None(backend), _errors.GetValueOrDefault(backend));
            }
        }

        _backends.Clear();
        foreach (var (pool, backend) in target.Backends)
        {
            _backends[pool] = backend;
        }

        var routed = target.Routed.Select(pool => pool.Pool).ToHashSet();
        foreach (var (pool, counts) in _pools)
        {
            counts.LeftAt = routed.Contains(pool) ? null : counts.LeftAt ?? clock.GetTimestamp();
        }

        _split = [.. target.Split];
        foreach (var (pool, counts) in _pools.Where(pool => !_split.Contains(pool.Key)))
        {
            counts.ForgetReplicas();
        }
    }

    /// <summary>A reading of every backend that is in use, in the order in which it must have been made.</summary>
    /// <param name="before">Of the backends.</param>
    /// <param name="backends">Again.</param>
    /// <param name="servers">Of their servers.</param>
    public void Note(IEnumerable<Counted> before, IEnumerable<Counted> backends, IEnumerable<Counted> servers)
    {
        var begun = before.ToDictionary(one => (one.Backend, one.Server), one => one.Begun);
        foreach (var backend in backends)
        {
            _last[backend.Backend] = backend with { BegunBefore = begun[(backend.Backend, null)] };
        }

        var pools = _backends.Where(pool => _split.Contains(pool.Key)).ToDictionary(pool => pool.Value, pool => _pools[pool.Key]);
        var earlier = new Dictionary<ServerAt, Counted>(pools.Count > 0 ? _servers : []);
        _servers.Clear();
        _errors.Clear();
        foreach (var (backend, errors) in _errorsOfGone)
        {
            _errors[backend] = errors;
        }

        foreach (var server in servers)
        {
            var at = ServerAt.Parse(server.Backend, server.Server!);
            _servers[at] = server;
            if (pools.TryGetValue(server.Backend, out var counts) && begun.TryGetValue((server.Backend, server.Server), out var begunBefore))
            {
                counts.ReplicaAt(at, earlier.GetValueOrDefault(at))?.Note(server with { BegunBefore = begunBefore });
            }

            _errors[server.Backend] = _errors.GetValueOrDefault(server.Backend) + server.Fives;
        }

        foreach (var (pool, backend) in _backends)
        {
            if (_last.TryGetValue(backend, out var last))
            {
                _pools[pool].Note(last, _errors.GetValueOrDefault(backend));
            }
        }
    }

    /// <summary>Whether a server had nothing in flight at the last reading.</summary>
    public bool IsIdle(ServerAt server) => _servers.TryGetValue(server, out var last) && last.InFlight == 0;

    /// <summary>HAProxy has taken a server away that was idle at the last reading, so that was the last of its numbers.</summary>
    public void Removed(ServerAt server)
    {
        if (_servers.Remove(server, out var last))
        {
            _errorsOfGone[server.Backend] = _errorsOfGone.GetValueOrDefault(server.Backend) + last.Fives;
            foreach (var pool in _backends.Where(pool => pool.Value == server.Backend))
            {
                _pools[pool.Key].Removed(server);
            }
        }
    }

    /// <summary>HAProxy is gone, and counts from zero when it comes back.</summary>
    public void Cut()
    {
        foreach (var counts in _pools.Values)
        {
            counts.Cut();
        }

        _last.Clear();
        _servers.Clear();
        _errors.Clear();
        _errorsOfGone.Clear();
    }

    public TrafficNews News(IReadOnlyDictionary<PoolId, PoolTraffic> reported)
    {
        List<PoolTraffic> moved = [];
        List<PoolId> forgotten = [];
        foreach (var (pool, counts) in _pools)
        {
            if (counts.HasMoved(reported.GetValueOrDefault(pool)))
            {
                moved.Add(counts.Now);
            }
            else if (!_backends.ContainsKey(pool) && counts.LeftAt is { } left && clock.GetElapsedTime(left) > PoolSlots.KeptAfterLeaving)
            {
                forgotten.Add(pool);
            }
        }

        forgotten.ForEach(pool => _pools.Remove(pool));
        return new(moved, forgotten);
    }
}
