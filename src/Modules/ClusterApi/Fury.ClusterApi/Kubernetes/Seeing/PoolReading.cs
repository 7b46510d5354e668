using System.Globalization;
using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Objects;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From a ReplicaSet and its autoscaler to a pool in neutral words. Pure.</summary>
internal static class PoolReading
{
    /// <param name="autoscaler">Absent for a pool without one.</param>
    public static ClusterPool? Read(JsonElement set, JsonElement autoscaler)
    {
        if (Marks.ReadPool(set) is not { } pool)
        {
            return null;
        }

        var status = set.At("status");
        var failure = status.Condition("ReplicaFailure");
        return new ClusterPool(
            pool,
            Marks.Read(set),
            set.Annotation(Marks.Token) ?? "",
            set.At("spec").Int("replicas", missing: 1),
            status.Int("replicas"),
            status.Int("readyReplicas"),
            ReadScaling(autoscaler),
            set.At("metadata").Text("deletionTimestamp") is not null,
            failure.Text("status") == "True" ? failure.Text("message") : null);
    }

    public static PoolScaling? ReadScaling(JsonElement autoscaler)
    {
        if (autoscaler.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var spec = autoscaler.At("spec");
        var least = spec.Int("minReplicas", missing: 1);
        // A floor of 0 is written as 1, and told by the mark beside it; a mark that does not fit what is written is not believed.
        var marked = int.TryParse(autoscaler.Annotation(Marks.Floor), CultureInfo.InvariantCulture, out var floor) ? floor : least;
        return new PoolScaling(
            Math.Max(marked, 1) == least ? marked : least,
            spec.Int("maxReplicas"),
            spec.Items("metrics").Select(metric => metric.At("resource", "target").Int("averageUtilization")).FirstOrDefault());
    }
}
