using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a kubelet writes of pods that do not really run.</summary>
internal static class SimulatedStatus
{
    public static void Run(JsonObject pod, string address, string hostAddress, DateTimeOffset now)
    {
        var status = pod.Child("status");
        status["phase"] = "Running";
        status["hostIP"] = hostAddress;
        status["podIP"] = address;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        status["startTime"] = now.Stamp();
        status["containerStatuses"] = new JsonArray([.. (pod.Array("spec", "containers") ?? []).Select(container => Container(container, now))]);
        foreach (var condition in (string[])["Initialized", "ContainersReady", "Ready"])
        {
            Conditions.Set(pod, condition, "True", null, null, now);
        }
    }

    /// <summary>It has a node, and its containers do not start.</summary>
    public static void Wait(JsonObject pod, string reason, string hostAddress, DateTimeOffset now)
    {
        var states = (pod.Array("spec", "containers") ?? []).Select(container =>
            new ContainerState(container.Text("name")!, container.Text("image")!) { Waiting = (reason, "as the pod's annotation asks for") }).ToList();
        ContainerState.Write(pod, [], states, now);
        var status = pod.Child("status");
        status["hostIP"] = hostAddress;
        status["startTime"] = now.Stamp();
    }

    public static void End(JsonObject pod, int exitCode, DateTimeOffset now)
    {
        var status = pod.Child("status");
        status["phase"] = exitCode == 0 ? "Succeeded" : "Failed";
        foreach (var container in (status.Array("containerStatuses") ?? []).OfType<JsonObject>())
        {
            container["ready"] = false;
            container["started"] = false;
            var since = container.Time("state", "running", "startedAt") ?? now;
            container["state"] = new Ended(exitCode, exitCode == 0 ? "Completed" : "Error", null, since, now).ToJson();
        }

        foreach (var condition in (string[])["ContainersReady", "Ready"])
        {
            Conditions.Set(pod, condition, "False", exitCode == 0 ? "PodCompleted" : "PodFailed", null, now);
        }
    }

    /// <summary>Its first container was ended by the node for want of memory, and runs again. False when it does not run.</summary>
    public static bool RunOutOfMemory(JsonObject pod, DateTimeOffset now)
    {
        if (pod.Array("status", "containerStatuses") is not [JsonObject container, ..] || container.Time("state", "running", "startedAt") is not { } since)
        {
            return false;
        }

        container["lastState"] = Ended.OutOfMemory(since, now).ToJson();
        container["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now.Stamp() } };
        container["restartCount"] = (container.Number("restartCount") ?? 0) + 1;
        return true;
    }

    private static JsonObject Container(JsonNode? container, DateTimeOffset now) => new()
    {
        ["name"] = container.Text("name"),
        ["image"] = container.Text("image"),
        ["imageID"] = "",
        ["ready"] = true,
        ["started"] = true,
        ["restartCount"] = 0,
        ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now.Stamp() } },
    };
}
