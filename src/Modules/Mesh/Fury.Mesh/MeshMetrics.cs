using System.Diagnostics.Metrics;

namespace Fury.Mesh;

internal static class MeshMetrics
{
    private static readonly Meter Meter = new("Fury.Mesh");

    public static readonly Counter<long> Publications =
        Meter.CreateCounter<long>("fury.mesh.publications", description: "Routing tables that were replaced.");

    public static readonly Counter<long> EndpointChanges =
        Meter.CreateCounter<long>("fury.mesh.endpoint_changes", description: "Pools whose ready endpoints have changed.");

    public static readonly Counter<long> Updates =
        Meter.CreateCounter<long>("fury.mesh.updates", description: "Updates given to proxies of this host.");

    public static readonly Counter<long> Responses =
        Meter.CreateCounter<long>("fury.mesh.xds.responses", description: "Responses sent to proxies, by type.");

    public static readonly Counter<long> StreamsRefused =
        Meter.CreateCounter<long>("fury.mesh.xds.streams_refused", description: "Streams for which there was no room.");

    public static readonly Histogram<double> ConvergenceMs =
        Meter.CreateHistogram<double>("fury.mesh.convergence", "ms", "Waits until all live proxies had applied a version.");

    public static readonly Gauge<long> Revision =
        Meter.CreateGauge<long>("fury.mesh.revision", description: "The last revision that this host has loaded.");
}
