using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>What the whole data plane has seen: on record for other hosts' proxies, as of now for those of this host.</summary>
internal sealed class TrafficLedger(ProxyStore store, ProxyRoster roster)
{
    public async Task<IReadOnlyList<PoolTraffic>> Sum(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        var recorded = await store.Traffic(pools, cancellation);
        return Sum(pools, recorded, roster.Traffic(pools));
    }

    /// <summary>Adds up; where a proxy's reading is at hand, what is on record of it is older and left out. Pure.</summary>
    public static IReadOnlyList<PoolTraffic> Sum(
        IReadOnlyList<PoolId> pools,
        IReadOnlyList<(string Proxy, PoolTraffic Traffic)> recorded,
        IReadOnlyList<(string Proxy, PoolTraffic Traffic)> atHand)
    {
        var known = atHand.Select(entry => (entry.Proxy, entry.Traffic.Pool)).ToHashSet();
        var counted = recorded
            .Where(entry => !known.Contains((entry.Proxy, entry.Traffic.Pool)))
            .Concat(atHand)
            .ToLookup(entry => entry.Traffic.Pool);
        return [.. pools.Select(pool => counted[pool].Aggregate(PoolTraffic.None(pool), (sum, entry) => Plus(sum, entry.Traffic)))];
    }

    private static PoolTraffic Plus(PoolTraffic one, PoolTraffic two) => new(
        one.Pool,
        one.Requests + two.Requests,
        one.Errors + two.Errors,
        one.Failures + two.Failures,
        one.InFlight + two.InFlight,
        [.. one.LatencyCounts.Zip(two.LatencyCounts, (first, second) => first + second)]);
}
