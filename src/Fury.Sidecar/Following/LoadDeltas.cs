using Envoy.Config.Endpoint.V3;
using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Google.Protobuf.Collections;

namespace Fury.Sidecar.Following;

/// <summary>
/// From counters that only grow to load reports that tell what is new since the last one that was sent. What a report told whose sending failed
/// is told again by the next. No I/O; its owner locks.
/// </summary>
internal sealed class LoadDeltas
{
    private readonly Dictionary<PoolId, Pool> _pools = [];

    /// <summary>A pool's cluster, under which it is reported.</summary>
    public void Name(PoolId id, string cluster) => Of(id).Cluster = cluster;

    public void Note(PoolTraffic now)
    {
        var pool = Of(now.Pool);
        if (now.Begun < pool.Now.Begun || now.Requests < pool.Now.Requests)
        {
            pool.Sent = PoolTraffic.None(now.Pool); // It was forgotten and counts anew.
        }

        if (now.Replicas.Count == 0)
        {
            pool.Sent = pool.Sent with { Replicas = [] }; // Where they are counted again, they begin at zero.
        }

        pool.Now = now;
    }

    /// <summary>Counts anew when it comes back; what is not sent yet still is.</summary>
    public void Forget(PoolId id)
    {
        if (_pools.TryGetValue(id, out var pool))
        {
            pool.IsForgotten = true;
            Tidy(id, pool);
        }
    }

    /// <summary>Every pool that has moved, has requests in its hands, or is waited for.</summary>
    /// <param name="wanted">Of the clusters; the others are told when they are.</param>
    /// <param name="ofReplicas">Whether replicas are asked for one by one; what is known of them is told when they are.</param>
    public LoadReport Compose(Func<string, bool> wanted, bool ofReplicas)
    {
        var moved = _pools.Values
            .Where(pool => pool.Cluster.Length > 0 && wanted(pool.Cluster)
                && (pool.Now.InFlight > 0 || pool.Now.Waiting > 0 || pool.HasNews || (ofReplicas && pool.HasNewsOfReplicas)))
            .Select(pool => (pool.Cluster, Now: pool.Told(ofReplicas), pool.Sent))
            .ToList();
        return new([.. moved.Select(pool => Stats(pool.Cluster, pool.Now, pool.Sent))], [.. moved.Select(pool => pool.Now)]);
    }

    /// <summary>It has been sent.</summary>
    public void Sent(LoadReport report)
    {
        foreach (var traffic in report.Traffic)
        {
            var pool = Of(traffic.Pool);
            pool.Sent = traffic;
            Tidy(traffic.Pool, pool);
        }
    }

    private static ClusterStats Stats(string cluster, PoolTraffic now, PoolTraffic sent)
    {
        var (errors, failures) = (now.Errors - sent.Errors, now.Failures - sent.Failures);
        var stats = new UpstreamLocalityStats
        {
            TotalIssuedRequests = (ulong)(now.Begun - sent.Begun),
            TotalErrorRequests = (ulong)(errors + failures),
            TotalSuccessfulRequests = (ulong)(now.Requests - sent.Requests - errors - failures),
            TotalRequestsInProgress = (ulong)Math.Max(0, now.InFlight),
        };
        Add(stats.LoadMetricStats, MeshProtocol.Unanswered, failures);
        AddLatencies(stats.LoadMetricStats, now.LatencyCounts, sent.LatencyCounts);
        Add(stats.LoadMetricStats, MeshProtocol.Waiting, now.Waiting);
        stats.UpstreamEndpointStats.Add(Replicas(now.Replicas, sent.Replicas));

        // A request is the pool's as a whole, since its attempts may have been at several places; only attempts are told of by place.
        return new() { ClusterName = cluster, UpstreamLocalityStats = { stats, Places(now, sent) } };
    }

    private static IEnumerable<UpstreamLocalityStats> Places(PoolTraffic now, PoolTraffic sent)
    {
        foreach (var traffic in now.Places)
        {
            var place = traffic.Place;
            var before = sent.Places.FirstOrDefault(one => one.Place == place) ?? new(place, 0, 0);
            if (traffic != before)
            {
                var stats = new UpstreamLocalityStats { Locality = new() { Region = place.Region, Zone = place.Zone, SubZone = place.SubZone } };
                Add(stats.LoadMetricStats, MeshProtocol.Reached, traffic.Reached - before.Reached);
                Add(stats.LoadMetricStats, MeshProtocol.NotReached, traffic.NotReached - before.NotReached);
                yield return stats;
            }
        }
    }

    /// <summary>Those that have moved, or have something in their hands.</summary>
    private static IEnumerable<UpstreamEndpointStats> Replicas(IReadOnlyList<ReplicaTraffic> now, IReadOnlyList<ReplicaTraffic> sent)
    {
        if (ReferenceEquals(now, sent))
        {
            yield break;
        }

        var known = sent.ToDictionary(replica => replica.Endpoint);
        foreach (var replica in now)
        {
            var before = known.GetValueOrDefault(replica.Endpoint);
            before = before is null || before.Begun > replica.Begun ? new(replica.Endpoint, 0, 0, 0, []) : before; // It may be counted anew.
            var (begun, ended, errors) = (replica.Begun - before.Begun, replica.Requests - before.Requests, replica.Errors - before.Errors);
            if (begun > 0 || ended > 0 || replica.Begun > replica.Requests)
            {
                var stats = new UpstreamEndpointStats
                {
                    Address = new() { SocketAddress = new() { Address = replica.Endpoint.Address, PortValue = (uint)replica.Endpoint.Port } },
                    TotalIssuedRequests = (ulong)begun,
                    TotalSuccessfulRequests = (ulong)(ended - errors),
                    TotalErrorRequests = (ulong)errors,
                    TotalRequestsInProgress = (ulong)(replica.Begun - replica.Requests),
                };
                AddLatencies(stats.LoadMetricStats, replica.LatencyCounts, before.LatencyCounts);
                yield return stats;
            }
        }
    }

    /// <summary>The buckets that have moved.</summary>
    private static void AddLatencies(RepeatedField<EndpointLoadMetricStats> metrics, IReadOnlyList<long> now, IReadOnlyList<long> sent)
    {
        for (var bucket = 0; bucket < now.Count; bucket++)
        {
            Add(metrics, $"{MeshProtocol.LatencyBucket}{bucket}", now[bucket] - (bucket < sent.Count ? sent[bucket] : 0));
        }
    }

    private static void Add(RepeatedField<EndpointLoadMetricStats> metrics, string name, long count)
    {
        if (count > 0)
        {
            metrics.Add(new EndpointLoadMetricStats { MetricName = name, NumRequestsFinishedWithMetric = (ulong)count });
        }
    }

    private Pool Of(PoolId id)
    {
        if (!_pools.TryGetValue(id, out var pool))
        {
            _pools[id] = pool = new(PoolTraffic.None(id));
        }

        pool.IsForgotten = false;
        return pool;
    }

    private void Tidy(PoolId id, Pool pool)
    {
        if (pool.IsForgotten && !pool.HasNews)
        {
            _pools.Remove(id);
        }
    }

    private sealed class Pool(PoolTraffic none)
    {
        public string Cluster { get; set; } = "";

        public bool IsForgotten { get; set; }

        public PoolTraffic Now { get; set; } = none;

        public PoolTraffic Sent { get; set; } = none;

        /// <summary>What is sent now; what is known of replicas that nobody asks for is kept for when somebody does.</summary>
        public PoolTraffic Told(bool ofReplicas) => ofReplicas || Now.Replicas.Count == 0 ? Now : Now with { Replicas = Sent.Replicas };

        public bool HasNewsOfReplicas => !ReferenceEquals(Now.Replicas, Sent.Replicas) && Now.Replicas.Count > 0;

        public bool HasNews => Now.Begun != Sent.Begun || Now.Requests != Sent.Requests || Now.InFlight != Sent.InFlight
            || Now.Waiting != Sent.Waiting;
    }
}

/// <summary>What is sent, and the counters that it brings the control plane up to.</summary>
internal sealed record LoadReport(IReadOnlyList<ClusterStats> Clusters, IReadOnlyList<PoolTraffic> Traffic);
