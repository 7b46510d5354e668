using System.Diagnostics.Metrics;

namespace Fury.ClusterApi;

internal static class ClusterApiMetrics
{
    private static readonly Meter Meter = new("Fury.ClusterApi");

    public static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("fury.cluster_api.retries", description: "Requests to clusters that were sent again, by why.");

    public static readonly Counter<long> Relists =
        Meter.CreateCounter<long>("fury.cluster_api.relists", description: "Times that a watch had to list everything anew.");

    public static readonly Counter<long> Cuts =
        Meter.CreateCounter<long>("fury.cluster_api.watch_cuts", description: "Watches that were cut and went on.");

    public static readonly Counter<long> Dialects =
        Meter.CreateCounter<long>("fury.cluster_api.dialect_changes", description: "Clusters whose version was seen to have changed.");
}
