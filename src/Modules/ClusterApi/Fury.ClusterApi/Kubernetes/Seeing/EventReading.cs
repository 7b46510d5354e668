using System.Text.Json;
using Fury.ClusterApi.Contracts;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From an Event to neutral words. Pure.</summary>
internal static class EventReading
{
    public static ReplicaEvent Read(JsonElement news)
    {
        var series = news.At("series");
        var (first, last) = (news.Time("firstTimestamp") ?? news.Time("eventTime"), news.Time("lastTimestamp") ?? series.Time("lastObservedTime"));
        return new ReplicaEvent(
            news.Text("type") == "Warning",
            news.Text("reason") ?? "",
            news.Text("message") ?? "",
            Math.Max(1, Math.Max(news.Int("count"), series.Int("count"))),
            first,
            last ?? first);
    }
}
