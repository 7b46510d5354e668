using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>Requests a second and requests in flight of pools, as the proxies tell of them: what engines may scale by.</summary>
internal sealed class TrafficMetrics(IRoutingTables tables, TimeProvider clock) : IPoolMetrics
{
    private const string Requests = "requests";
    private const string InFlight = "in-flight";

    /// <summary>A look that is older is no beginning of a difference any more.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(2);

    private readonly Dictionary<PoolId, (long At, long Requests)> _before = [];

    public bool Tells(string metric) => metric is Requests or InFlight;

    public async Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        var traffic = await tables.Traffic([.. pools], cancellation);
        return metric == InFlight
            ? traffic.ToDictionary(pool => pool.Pool, pool => (double)pool.InFlight)
            : Rates(traffic, clock.GetTimestamp());
    }

    /// <summary>Of those that were looked at not long before.</summary>
    private Dictionary<PoolId, double> Rates(IReadOnlyList<PoolTraffic> traffic, long now)
    {
        var rates = new Dictionary<PoolId, double>();
        lock (_before)
        {
            foreach (var pool in traffic)
            {
                if (_before.TryGetValue(pool.Pool, out var before) && now > before.At && clock.GetElapsedTime(before.At, now) <= Stale)
                {
                    rates[pool.Pool] = Math.Max(0, pool.Requests - before.Requests) / clock.GetElapsedTime(before.At, now).TotalSeconds;
                }

                _before[pool.Pool] = (now, pool.Requests);
            }

            foreach (var gone in _before.Where(one => clock.GetElapsedTime(one.Value.At, now) > Stale).Select(one => one.Key).ToList())
            {
                _before.Remove(gone);
            }
        }

        return rates;
    }
}
