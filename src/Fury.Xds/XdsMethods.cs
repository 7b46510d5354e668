namespace Fury.Xds;

/// <summary>The paths of the methods of xDS v3 that Fury serves and calls. All of them are streams in both directions.</summary>
public static class XdsMethods
{
    /// <summary>ADS, state of the world: <c>DiscoveryRequest</c> and <c>DiscoveryResponse</c>.</summary>
    public const string StreamAggregatedResources = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

    /// <summary>ADS, incremental: <c>DeltaDiscoveryRequest</c> and <c>DeltaDiscoveryResponse</c>.</summary>
    public const string DeltaAggregatedResources = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

    /// <summary>LRS: <c>LoadStatsRequest</c> and <c>LoadStatsResponse</c>.</summary>
    public const string StreamLoadStats = "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
}
