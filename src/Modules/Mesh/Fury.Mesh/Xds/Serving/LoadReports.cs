using System.Globalization;
using Envoy.Config.Endpoint.V3;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>From a proxy's load statistics to what the mesh knows of pools. Pure.</summary>
internal static class LoadReports
{
    /// <summary>Characters in a part of a location's name.</summary>
    private const int WordMax = 100;

    /// <summary>One entry a pool; clusters that are no pools of Fury's are left out, and so are endpoints of pools whose scope is not split.</summary>
    public static IReadOnlyList<PoolLoad> Read(IEnumerable<ClusterStats> clusters, Splits splits)
    {
        var loads = new Dictionary<PoolId, PoolLoad>();
        foreach (var cluster in clusters)
        {
            if (!MeshNames.TryParsePool(cluster.ClusterName, out var pool))
            {
                continue;
            }

            foreach (var locality in cluster.UpstreamLocalityStats)
            {
                loads[pool] = Plus(loads.GetValueOrDefault(pool) ?? new(pool, 0, 0, 0, 0, 0, null), locality);
            }

            // gRPC on Node leaves the localities out where nothing has happened; the cluster is there all the same.
            loads.TryAdd(pool, new(pool, 0, 0, 0, 0, 0, null));
            if (splits.Pools.GetValueOrDefault(pool) is { } addresses)
            {
                loads[pool] = loads[pool] with { Replicas = [.. Replicas(cluster, addresses)] };
            }
        }

        return [.. loads.Values];
    }

    /// <summary>
    /// One entry a location that was sent something. The sidecar counts its attempts there; gRPC and Envoy count only calls that ended well and those that did
    /// not, where an application's errors are among the latter, so of theirs what ended well is proof of life and the rest says nothing.
    /// </summary>
    public static IReadOnlyList<LocationLoad> Locations(IEnumerable<ClusterStats> clusters) =>
    [
        .. from cluster in clusters
           where MeshNames.TryParsePool(cluster.ClusterName, out _)
           from stats in cluster.UpstreamLocalityStats
           where stats.Locality is { } at && IsWord(at.SubZone) && IsWord(at.Region) && IsWord(at.Zone)
           group stats by new Location(stats.Locality.SubZone, stats.Locality.Region, stats.Locality.Zone) into place
           let reached = place.Sum(stats => Metric(stats, MeshProtocol.Reached) + Count(stats.TotalSuccessfulRequests))
           let failed = place.Sum(stats => Metric(stats, MeshProtocol.NotReached))
           where reached + failed > 0
           select new LocationLoad(place.Key, reached, failed),
    ];

    /// <summary>What a proxy says is written into a key of the database.</summary>
    private static bool IsWord(string said) => said.Length is > 0 and <= WordMax && !said.Any(char.IsControl);

    private static long Metric(UpstreamLocalityStats stats, string name) =>
        stats.LoadMetricStats.Where(metric => metric.MetricName == name).Sum(metric => Count(metric.NumRequestsFinishedWithMetric));

    /// <summary>More than any proxy can send; sums of what a proxy makes up must not overflow.</summary>
    private static long Count(ulong said) => (long)Math.Min(said, 1_000_000_000);

    /// <summary>The pools that requests wait for.</summary>
    public static IEnumerable<PoolAwaited> Awaited(IEnumerable<ClusterStats> clusters)
    {
        foreach (var cluster in clusters.Where(IsAwaited))
        {
            if (MeshNames.TryParsePool(cluster.ClusterName, out var pool) && MeshNames.TryParseScope(MeshNames.KeyOf(cluster.ClusterName), out var scope))
            {
                yield return new(scope, pool);
            }
        }
    }

    /// <summary>Endpoints that are no replicas of the pool are left out.</summary>
    private static IEnumerable<ReplicaLoad> Replicas(ClusterStats cluster, PoolAddresses addresses) =>
        from locality in cluster.UpstreamLocalityStats
        from stats in locality.UpstreamEndpointStats
        let at = stats.Address?.SocketAddress
        where at is not null
        let replica = addresses.Find(at.Address, (int)at.PortValue)
        where replica is not null
        select new ReplicaLoad(replica.Value, Count(stats.TotalSuccessfulRequests), Count(stats.TotalErrorRequests), [.. Latencies(stats.LoadMetricStats)]);

    private static IEnumerable<(int Bucket, long Count)> Latencies(IEnumerable<EndpointLoadMetricStats> metrics)
    {
        foreach (var metric in metrics)
        {
            if (metric.MetricName.StartsWith(MeshProtocol.LatencyBucket, StringComparison.Ordinal)
                && int.TryParse(metric.MetricName.AsSpan(MeshProtocol.LatencyBucket.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var bucket)
                && bucket <= Latency.BucketBounds.Count)
            {
                yield return (bucket, Count(metric.NumRequestsFinishedWithMetric));
            }
        }
    }

    private static bool IsAwaited(ClusterStats cluster) => cluster.UpstreamLocalityStats.Any(stats =>
        stats.LoadMetricStats.Any(metric => metric.MetricName == MeshProtocol.Waiting && metric.NumRequestsFinishedWithMetric > 0));

    private static PoolLoad Plus(PoolLoad load, UpstreamLocalityStats more)
    {
        var (unanswered, waiting, latencies) = (0L, 0, load.Latencies);
        foreach (var metric in more.LoadMetricStats)
        {
            var count = (long)Math.Min(metric.NumRequestsFinishedWithMetric, long.MaxValue);
            if (metric.MetricName == MeshProtocol.Unanswered)
            {
                unanswered = count;
            }
            else if (metric.MetricName == MeshProtocol.Waiting)
            {
                waiting = (int)Math.Min(count, int.MaxValue);
            }
        }

        foreach (var (bucket, count) in Latencies(more.LoadMetricStats))
        {
            latencies ??= new long[Latency.BucketBounds.Count + 1];
            latencies[bucket] += count;
        }

        return load with
        {
            Issued = load.Issued + (long)more.TotalIssuedRequests,
            Succeeded = load.Succeeded + (long)more.TotalSuccessfulRequests,
            Failed = load.Failed + (long)more.TotalErrorRequests,
            Unanswered = load.Unanswered + unanswered,
            InFlight = load.InFlight + (int)Math.Min(more.TotalRequestsInProgress, int.MaxValue),
            Latencies = latencies,
            Waiting = load.Waiting + waiting,
        };
    }
}
