using Envoy.Config.Endpoint.V3;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Xds;

namespace Fury.Mesh.Tests;

/// <summary>What a proxy reports of its load.</summary>
internal static class TestLoad
{
    public static ClusterStats Stats(PoolTraffic it)
    {
        var locality = new UpstreamLocalityStats
        {
            TotalIssuedRequests = (ulong)it.Requests,
            TotalSuccessfulRequests = (ulong)(it.Requests - it.Errors - it.Failures),
            TotalErrorRequests = (ulong)(it.Errors + it.Failures),
            TotalRequestsInProgress = (ulong)it.InFlight,
        };
        if (it.Failures > 0)
        {
            locality.LoadMetricStats.Add(Metric(MeshProtocol.Unanswered, it.Failures));
        }

        locality.LoadMetricStats.Add(Latencies(it.LatencyCounts));
        locality.UpstreamEndpointStats.Add(it.Replicas.Select(Stats));
        return new() { ClusterName = $"any.any/{it.Pool}", UpstreamLocalityStats = { locality } };
    }

    private static UpstreamEndpointStats Stats(ReplicaTraffic it) => new()
    {
        Address = EndpointRendering.AddressOf(MeshHost.AddressOf(it.Replica), MeshHost.Port),
        TotalIssuedRequests = (ulong)it.Requests,
        TotalSuccessfulRequests = (ulong)(it.Requests - it.Errors),
        TotalErrorRequests = (ulong)it.Errors,
        LoadMetricStats = { Latencies(it.LatencyCounts) },
    };

    private static IEnumerable<EndpointLoadMetricStats> Latencies(IReadOnlyList<long> counts) =>
        from bucket in counts.Index()
        where bucket.Item > 0
        select Metric($"{MeshProtocol.LatencyBucket}{bucket.Index}", bucket.Item);

    private static EndpointLoadMetricStats Metric(string name, long count) => new() { MetricName = name, NumRequestsFinishedWithMetric = (ulong)count };
}
