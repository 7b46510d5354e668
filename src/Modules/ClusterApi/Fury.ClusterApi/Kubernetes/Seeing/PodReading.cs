using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Informers;
using Fury.ClusterApi.Kubernetes.Objects;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From a pod to a replica in neutral words. Pure.</summary>
internal static class PodReading
{
    public static readonly ObjectTraits<ClusterReplica> Traits = new(replica => replica.Name, replica => replica.Uid, (one, other) => one == other);

    public static ClusterReplica Read(JsonElement pod)
    {
        var (metadata, spec, status) = (pod.At("metadata"), pod.At("spec"), pod.At("status"));
        var containers = status.Items("containerStatuses").ToList();
        var ready = status.Condition("Ready");
        var stage = Stage(metadata, spec, status, containers, ready);
        return new ClusterReplica(
            pod.Name(),
            metadata.Text("uid") ?? "",
            Marks.ReadPool(pod),
            pod.Label(Marks.Job) ?? pod.Label(Marks.JobName),
            stage,
            PodTrouble.Read(stage, status, containers),
            spec.Text("nodeName"),
            status.Text("podIP"),
            Port(spec),
            containers.Sum(container => container.Int("restartCount")),
            metadata.Time("creationTimestamp") ?? DateTimeOffset.UnixEpoch,
            stage == ReplicaStage.Ready ? ready.Time("lastTransitionTime") : null,
            containers.Select(OutOfMemoryEnd).DefaultIfEmpty().Max());
    }

    /// <summary>One that waits for its restart is not counted as restarted yet.</summary>
    private static int OutOfMemoryEnd(JsonElement container) =>
        container.At("state", "terminated").Text("reason") == PodTrouble.OutOfMemoryReason ? container.Int("restartCount") + 1
        : container.At("lastState", "terminated").Text("reason") == PodTrouble.OutOfMemoryReason ? container.Int("restartCount")
        : 0;

    private static ReplicaStage Stage(
        JsonElement metadata, JsonElement spec, JsonElement status, IReadOnlyList<JsonElement> containers, JsonElement ready)
    {
        var phase = status.Text("phase");
        return phase == "Succeeded" ? ReplicaStage.Succeeded
            : phase == "Failed" ? ReplicaStage.Failed
            : metadata.Text("deletionTimestamp") is not null ? ReplicaStage.Stopping
            : ready.Text("status") == "True" ? ReplicaStage.Ready
            : spec.Text("nodeName") is null ? ReplicaStage.Pending
            : WasReady(status, containers, ready) ? ReplicaStage.Unready
            : ReplicaStage.Starting;
    }

    /// <summary>
    /// The API keeps no history. But "ready" of a pod that never was became false together with its other conditions, and later only by having
    /// been true in between; times are whole seconds.
    /// </summary>
    private static bool WasReady(JsonElement status, IReadOnlyList<JsonElement> containers, JsonElement ready) =>
        containers.Any(container => container.Int("restartCount") > 0)
        || (containers.Any(container => container.Is("started"))
            && ready.Time("lastTransitionTime") > status.Condition("Initialized").Time("lastTransitionTime"));

    private static int Port(JsonElement spec) => spec.Items("containers")
        .SelectMany(container => container.Items("ports"))
        .Select(port => port.Int("containerPort"))
        .FirstOrDefault();
}
