using System.Text.Json;
using Fury.ClusterApi.Contracts;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>Why a pod does not get on, in a closed list of words, with the cluster's own behind it. Pure.</summary>
internal static class PodTrouble
{
    /// <summary>Of a container that has ended.</summary>
    public const string OutOfMemoryReason = "OOMKilled";

    private const int TextLengthMax = 500;

    public static ReplicaTrouble? Read(ReplicaStage stage, JsonElement status, IReadOnlyList<JsonElement> containers)
    {
        if (stage is ReplicaStage.Ready or ReplicaStage.Succeeded)
        {
            return null;
        }

        return OfPod(stage, status)
            ?? status.Items("initContainerStatuses").Concat(containers).Select(OfContainer).FirstOrDefault(trouble => trouble is not null)
            ?? (stage == ReplicaStage.Unready ? new ReplicaTrouble(TroubleKind.Unhealthy, "It does not answer its health check.") : null)
            ?? (stage == ReplicaStage.Failed ? Of(TroubleKind.Crashed, "It has failed", status.Text("message")) : null);
    }

    private static ReplicaTrouble? OfPod(ReplicaStage stage, JsonElement status)
    {
        var message = status.Text("message");
        switch (status.Text("reason"))
        {
            case "NodeLost" or "NodeShutdown" or "Terminated":
                return Of(TroubleKind.NodeLost, "Its node does not answer", message);
            case "DeadlineExceeded":
                return Of(TroubleKind.DeadlineExceeded, "It took longer than it may", message);
            case { } reason when stage == ReplicaStage.Failed:
                return Of(TroubleKind.Evicted, $"The cluster took it off its node ({reason})", message);
        }

        var scheduled = status.Condition("PodScheduled");
        return stage == ReplicaStage.Pending && scheduled.Text("status") == "False"
            ? Of(TroubleKind.Unschedulable, "No node takes it", scheduled.Text("message"))
            : null;
    }

    private static ReplicaTrouble? OfContainer(JsonElement container)
    {
        var waiting = container.At("state", "waiting");
        var ended = container.At("state", "terminated");
        var last = container.At("lastState", "terminated");
        return waiting.Text("reason") switch
        {
            "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "RegistryUnavailable" or "ImageInspectError" =>
                Of(TroubleKind.ArtifactUnavailable, "The artifact cannot be fetched", waiting.Text("message") ?? container.Text("image")),
            "CrashLoopBackOff" when last.Text("reason") == OutOfMemoryReason => OutOfMemory(),
            "CrashLoopBackOff" => Of(TroubleKind.CrashLoop, "Its process ends again and again", Ended(last) ?? waiting.Text("message")),
            "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" or "PostStartHookError" or "StartError" =>
                Of(TroubleKind.CannotStart, "Its process cannot be started", waiting.Text("message")),
            _ => OfEnd(ended),
        };
    }

    private static ReplicaTrouble? OfEnd(JsonElement ended) => ended.Text("reason") switch
    {
        OutOfMemoryReason => OutOfMemory(),
        "ContainerCannotRun" or "StartError" => Of(TroubleKind.CannotStart, "Its process cannot be started", ended.Text("message")),
        _ when ended.Int("exitCode") != 0 => Of(TroubleKind.Crashed, "Its process has ended", Ended(ended)),
        _ => null,
    };

    private static string? Ended(JsonElement ended) => ended.ValueKind == JsonValueKind.Object
        ? string.Join(": ", new[] { $"exit code {ended.Int("exitCode")}", ended.Text("message") }.Where(part => part is not null))
        : null;

    private static ReplicaTrouble OutOfMemory() => new(TroubleKind.OutOfMemory, "It used more memory than it asked for.");

    private static ReplicaTrouble Of(TroubleKind kind, string what, string? why)
    {
        var text = why is null ? $"{what}." : $"{what}: {why.ReplaceLineEndings(" ").Trim()}";
        return new(kind, text.Length > TextLengthMax ? $"{text[..TextLengthMax]}…" : text);
    }
}
