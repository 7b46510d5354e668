using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>What the whole data plane has seen: on record for other hosts, as of now for this one.</summary>
internal sealed class TrafficLedger(ProxyStore store, TrafficBook book)
{
    public async Task<IReadOnlyList<PoolTraffic>> Sum(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        var recorded = await store.Traffic(pools, cancellation);
        return Sum(pools, recorded, [.. pools.Select(book.Find).OfType<Counted>()]);
    }

    /// <summary>Adds up; where counters are at hand, what is on record of them is older and left out. Pure.</summary>
    public static IReadOnlyList<PoolTraffic> Sum(IReadOnlyList<PoolId> pools, IReadOnlyList<Counted> recorded, IReadOnlyList<Counted> atHand)
    {
        var known = atHand.Select(counted => (counted.Source, counted.Traffic.Pool)).ToHashSet();
        var all = recorded
            .Where(counted => !known.Contains((counted.Source, counted.Traffic.Pool)))
            .Concat(atHand)
            .ToLookup(counted => counted.Traffic.Pool, counted => counted.Traffic);
        return [.. pools.Select(pool => all[pool].Aggregate(PoolTraffic.None(pool), Plus))];
    }

    private static PoolTraffic Plus(PoolTraffic one, PoolTraffic two) => new(
        one.Pool,
        one.Requests + two.Requests,
        one.Errors + two.Errors,
        one.Failures + two.Failures,
        one.InFlight + two.InFlight,
        [.. one.LatencyCounts.Zip(two.LatencyCounts, (first, second) => first + second)]);
}
