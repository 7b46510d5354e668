using Envoy.Config.Endpoint.V3;
using Fury.Mesh.Contracts;
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
        Add(MeshProtocol.Unanswered, it.Failures);
        foreach (var (bucket, count) in it.LatencyCounts.Index().Where(entry => entry.Item > 0))
        {
            Add($"{MeshProtocol.LatencyBucket}{bucket}", count);
        }

        return new() { ClusterName = $"any.any/{it.Pool}", UpstreamLocalityStats = { locality } };

        void Add(string metric, long count) =>
            locality.LoadMetricStats.Add(new EndpointLoadMetricStats { MetricName = metric, NumRequestsFinishedWithMetric = (ulong)count });
    }
}
