using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>What the whole data plane has seen: on record for other hosts, as of now for this one.</summary>
internal sealed class TrafficLedger(TrafficStore store, TrafficBook book, XdsHub hub)
{
    public async Task<IReadOnlyList<PoolTraffic>> Sum(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        var recorded = await store.Find(pools, cancellation);
        return Sum(pools, recorded, book.Find(pools), hub.Current.Splits.Pools.ContainsKey);
    }

    /// <summary>Adds up; where counters are at hand, what is on record of them is older and left out. Pure.</summary>
    /// <param name="isSplit">Of the other pools no replicas are told.</param>
    public static IReadOnlyList<PoolTraffic> Sum(
        IReadOnlyList<PoolId> pools, IReadOnlyList<Counted> recorded, IReadOnlyList<Counted> atHand, Func<PoolId, bool> isSplit)
    {
        var known = atHand.Select(counted => counted.Source).ToHashSet(StringComparer.Ordinal);
        var totals = pools.Distinct().ToDictionary(pool => pool, pool => new Total(pool, isSplit(pool)));
        foreach (var counted in recorded.Where(counted => !known.Contains(counted.Source)).Concat(atHand))
        {
            totals[counted.Traffic.Pool].Add(counted);
        }

        return [.. pools.Select(pool => totals[pool].Read())];
    }

    private sealed class Total(PoolId pool, bool tellsReplicas)
    {
        private readonly long[] _latencies = new long[Latency.BucketBounds.Count + 1];
        private readonly ReplicaCounts? _replicas = tellsReplicas ? new() : null;
        private long _requests;
        private long _errors;
        private long _failures;
        private int _inFlight;

        public void Add(Counted counted)
        {
            var (_, requests, errors, failures, inFlight, latencies) = counted.Traffic;
            _requests += requests;
            _errors += errors;
            _failures += failures;
            _inFlight += inFlight;
            for (var bucket = 0; bucket < latencies.Count; bucket++)
            {
                _latencies[bucket] += latencies[bucket];
            }

            if (counted.Replicas is { } packed)
            {
                _replicas?.Add(packed);
            }
        }

        public PoolTraffic Read() => new(pool, _requests, _errors, _failures, _inFlight, _latencies) { Replicas = _replicas?.Read() ?? [] };
    }
}
