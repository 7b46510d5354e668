using System.Diagnostics.Metrics;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>The numbers of sources, by the name of each.</summary>
internal static class SourceMetrics
{
    private static readonly Meter Meter = new("Fury.Deployments");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "fury_metric_source_requests", description: "Requests to a source of metrics, by outcome: answered, refused (the query is wrong) or dark.");

    public static void Asked(string source, Fault? fault) => Requests.Add(
        1,
        new KeyValuePair<string, object?>("source", source),
        new KeyValuePair<string, object?>("outcome", fault is null ? "answered" : fault.Kind == FaultKind.Unavailable ? "dark" : "refused"));
}
