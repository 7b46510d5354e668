using System.Diagnostics.Metrics;

namespace Fury.Sidecar;

/// <summary>What one sidecar counts over all pools; per pool it reports to the control plane, so that series stay few.</summary>
internal static class SidecarMetrics
{
    private static readonly Meter Meter = new("Fury.Sidecar");

    public static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("fury.sidecar.requests", description: "Requests that have ended.");

    public static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("fury.sidecar.failures", description: "Requests that got no answer and were not saved by a retry.");

    public static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("fury.sidecar.retries", description: "Attempts after the first one of a request.");

    public static readonly Counter<long> Unrouted =
        Meter.CreateCounter<long>("fury.sidecar.unrouted", description: "Requests for an unknown host or a scope that nothing can serve.");

    public static readonly Counter<long> Held =
        Meter.CreateCounter<long>("fury.sidecar.held", description: "Requests that were held because their scope was asleep.");

    public static readonly Counter<long> Updates =
        Meter.CreateCounter<long>("fury.sidecar.updates", description: "Routing updates that were applied.");
}
