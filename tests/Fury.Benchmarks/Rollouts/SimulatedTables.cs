using System.Collections.Concurrent;
using Fury.Deployments.Tests.Judging;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Benchmarks.Rollouts;

/// <summary>The real mesh's tables with made-up requests: each scope's go to its pools by the weights that were published last.</summary>
internal sealed class SimulatedTables(IRoutingTables mesh, SimulatedEngine engine) : IRoutingTables
{
    private const double RequestsPerSecond = 50;
    private const double ErrorShare = 0.001;
    private const double ErrorShareOfSick = 0.5;
    private const int UsualBucket = 9;
    private const int SlowBucket = 13;
    private const double SlowShare = 0.05;

    private readonly ConcurrentDictionary<PoolId, Met> _met = [];
    private readonly ConcurrentDictionary<PoolId, bool> _sick = [];

    /// <summary>When a pool that had traffic was last given none.</summary>
    public ConcurrentDictionary<PoolId, DateTimeOffset> Cut { get; } = [];

    public async Task<Outcome<RoutingTable>> Publish(ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation)
    {
        var published = await mesh.Publish(scope, pools, fence, cancellation);
        if (published.IsOk)
        {
            Weigh(pools);
        }

        return published;
    }

    /// <summary>What was published before.</summary>
    public void Weigh(IReadOnlyList<PoolWeight> pools)
    {
        foreach (var (pool, weight) in pools.Select(one => (one.Pool, (double)one.Weight / 100)))
        {
            var met = _met.GetOrAdd(pool, _ => new());
            if (met.Weight > 0 && weight == 0)
            {
                Cut[pool] = TimeProvider.System.GetUtcNow();
            }

            met.Weight = weight;
        }
    }

    public void Sicken(PoolId pool) => _sick[pool] = true;

    public Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        var now = Environment.TickCount64;
        return Task.FromResult<IReadOnlyList<PoolTraffic>>([.. pools.Select(pool => Of(pool, now))]);
    }

    public Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation) => mesh.Current(scope, cancellation);

    public Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation) =>
        mesh.Converged(scope, version, patience, cancellation);

    public Task<Convergence> Drained(ScopeRef scope, PoolId pool, long version, TimeSpan patience, CancellationToken cancellation) =>
        mesh.Drained(scope, pool, version, patience, cancellation);

    public Task<IReadOnlyList<ScopeRef>> Dependencies(ScopeRef scope, CancellationToken cancellation) => mesh.Dependencies(scope, cancellation);

    public Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation) => mesh.Hold(scope, holds, cancellation);

    public Uri Address(ScopeRef scope) => mesh.Address(scope);

    private PoolTraffic Of(PoolId pool, long now)
    {
        if (engine.Find(pool) is not { Replicas.Count: > 0 } state || !_met.TryGetValue(pool, out var met))
        {
            return PoolTraffic.None(pool);
        }

        lock (met)
        {
            met.Until(now, state.Replicas.Count, _sick.ContainsKey(pool) ? ErrorShareOfSick : ErrorShare);
            return new(pool, met.Replicas.Sum(one => one.Requests), met.Replicas.Sum(one => one.Errors), 0, 1, Sum(met.Replicas))
            {
                Replicas =
                [
                    .. met.Replicas.Zip(state.Replicas, (one, replica) => new ReplicaTraffic(replica.Id, one.Requests, one.Errors, [.. one.Latencies])),
                ],
            };
        }
    }

    private static long[] Sum(IReadOnlyList<Counters> replicas)
    {
        var sum = new long[Latency.BucketBounds.Count + 1];
        foreach (var bucket in (int[])[UsualBucket, SlowBucket])
        {
            sum[bucket] = replicas.Sum(one => one.Latencies[bucket]);
        }

        return sum;
    }

    private sealed class Counters
    {
        public long Requests { get; set; }

        public long Errors { get; set; }

        public long[] Latencies { get; } = new long[Latency.BucketBounds.Count + 1];
    }

    /// <summary>What a pool has met so far.</summary>
    private sealed class Met
    {
        private readonly Random _random = new(1);
        private long _at = Environment.TickCount64;

        public double Weight { get; set; }

        public List<Counters> Replicas { get; } = [];

        public void Until(long now, int replicas, double errorShare)
        {
            var load = RequestsPerSecond * Weight * (now - _at) / 1000.0 / replicas;
            _at = now;
            while (Replicas.Count < replicas)
            {
                Replicas.Add(new());
            }

            foreach (var one in Replicas)
            {
                var requests = SimulatedTraffic.Poisson(_random, load);
                var slow = Math.Min(requests, SimulatedTraffic.Poisson(_random, requests * SlowShare));
                one.Requests += requests;
                one.Errors += Math.Min(requests, SimulatedTraffic.Poisson(_random, requests * errorShare));
                one.Latencies[SlowBucket] += slow;
                one.Latencies[UsualBucket] += requests - slow;
            }
        }
    }
}
