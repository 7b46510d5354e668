using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>Counters under the name that they are on record by: they only grow under the same name.</summary>
/// <param name="Replicas">As <see cref="ReplicaCounts"/> packs them; null for none. <see cref="PoolTraffic.Replicas"/> is empty here.</param>
internal sealed record Counted(string Source, PoolTraffic Traffic, byte[]? Replicas = null);

/// <summary>What the proxies of this host have counted since it started, by pool.</summary>
internal sealed class TrafficBook(INode node)
{
    /// <summary>Beats of the recorder, about 10 minutes: how long a pool that is on record and quiet is held in memory.</summary>
    public const int QuietMax = 1200;

    private readonly Lock _gate = new();
    private readonly Dictionary<PoolId, Counters> _pools = [];
    private readonly Dictionary<string, Dictionary<PoolId, int>> _inFlight = new(StringComparer.Ordinal);
    private long _begun;

    public void Add(string proxy, LoadReport report)
    {
        lock (_gate)
        {
            var before = _inFlight.GetValueOrDefault(proxy) ?? [];
            Dictionary<PoolId, int> now = [];
            foreach (var load in report.Pools)
            {
                Of(load.Pool).Add(load);
                if (load.InFlight + load.Waiting is > 0 and var inFlight)
                {
                    now[load.Pool] = inFlight;
                }
            }

            Move(before, now);
            _inFlight[proxy] = now;
        }
    }

    /// <summary>A proxy has gone; what it has in flight is nobody's to count.</summary>
    public void Leave(string proxy)
    {
        lock (_gate)
        {
            if (_inFlight.Remove(proxy, out var before))
            {
                Move(before, []);
            }
        }
    }

    /// <summary>Those of these pools that it has counters of.</summary>
    public IReadOnlyList<Counted> Find(IReadOnlyList<PoolId> pools)
    {
        lock (_gate)
        {
            return [.. from pool in pools.Distinct() where _pools.ContainsKey(pool) select _pools[pool].Read(pool)];
        }
    }

    /// <summary>Counters that have changed since they were last taken.</summary>
    /// <param name="isSplit">Whether the pool's scope is split; where it is so no more, the counts of its replicas are let go of.</param>
    public IReadOnlyList<Counted> TakeNews(Func<PoolId, bool> isSplit)
    {
        lock (_gate)
        {
            List<Counted> news = [];
            foreach (var (pool, counters) in _pools)
            {
                if (counters.HasReplicas && !isSplit(pool))
                {
                    counters.ForgetReplicas();
                }

                if (counters.IsNews)
                {
                    (counters.IsNews, counters.Quiet) = (false, 0);
                    news.Add(counters.Read(pool));
                }
                else if (++counters.Quiet > QuietMax && counters.InFlight == 0)
                {
                    _pools.Remove(pool);
                }
            }

            return news;
        }
    }

    /// <summary>They could not be put on record, and are news again.</summary>
    public void GiveBack(IReadOnlyList<Counted> news)
    {
        lock (_gate)
        {
            foreach (var counted in news)
            {
                Of(counted.Traffic.Pool).IsNews = true;
            }
        }
    }

    private Counters Of(PoolId pool) =>
        _pools.TryGetValue(pool, out var found) ? found : _pools[pool] = new($"{node.Incarnation}/{++_begun}");

    private void Move(Dictionary<PoolId, int> before, Dictionary<PoolId, int> now)
    {
        foreach (var (pool, count) in before)
        {
            (Of(pool).InFlight, Of(pool).IsNews) = (Of(pool).InFlight - count, true);
        }

        foreach (var (pool, count) in now)
        {
            (Of(pool).InFlight, Of(pool).IsNews) = (Of(pool).InFlight + count, true);
        }
    }

    private sealed class Counters(string source)
    {
        private readonly long[] _latencies = new long[Latency.BucketBounds.Count + 1];
        private long _requests;
        private long _errors;
        private long _failures;
        private ReplicaCounts? _replicas;

        public int InFlight { get; set; }

        public bool IsNews { get; set; }

        public int Quiet { get; set; }

        public bool HasReplicas => _replicas is not null;

        public void Add(PoolLoad load)
        {
            foreach (var replica in load.Replicas)
            {
                (_replicas ??= new()).Add(replica);
                IsNews = true;
            }

            if (load.Succeeded + load.Failed == 0)
            {
                return;
            }

            _requests += load.Succeeded + load.Failed;
            _failures += load.Unanswered;
            _errors += Math.Max(0, load.Failed - load.Unanswered);
            for (var bucket = 0; bucket < _latencies.Length && load.Latencies is not null; bucket++)
            {
                _latencies[bucket] += load.Latencies[bucket];
            }

            IsNews = true;
        }

        public void ForgetReplicas()
        {
            _replicas = null;
            IsNews = true;
        }

        public Counted Read(PoolId pool) => new(source, new(pool, _requests, _errors, _failures, InFlight, [.. _latencies]), _replicas?.Pack());
    }
}
