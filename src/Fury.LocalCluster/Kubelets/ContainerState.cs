using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>How a run of a container has ended.</summary>
internal sealed record Ended(int ExitCode, string Reason, string? Message, DateTimeOffset StartedAt, DateTimeOffset FinishedAt)
{
    private const int KilledExitCode = 137;

    public static Ended OutOfMemory(DateTimeOffset startedAt, DateTimeOffset finishedAt) => new(KilledExitCode, "OOMKilled", null, startedAt, finishedAt);

    public JsonObject ToJson()
    {
        var ended = new JsonObject
        {
            ["exitCode"] = ExitCode,
            ["reason"] = Reason,
            ["startedAt"] = StartedAt.Stamp(),
            ["finishedAt"] = FinishedAt.Stamp(),
        };
        if (Message is not null)
        {
            ended["message"] = Message;
        }

        return new() { ["terminated"] = ended };
    }
}

/// <summary>A container as its kubelet tells it: it waits, runs or has ended, whichever is set.</summary>
internal sealed record ContainerState(string Name, string Image)
{
    public (string Reason, string? Message)? Waiting { get; init; } = ("ContainerCreating", null);

    public DateTimeOffset? RunningSince { get; init; }

    public Ended? Ended { get; init; }

    /// <summary>The run before this one.</summary>
    public Ended? Last { get; init; }

    public bool Ready { get; init; }

    public bool Started { get; init; }

    public int Restarts { get; init; }

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["image"] = Image,
        ["imageID"] = Image,
        ["ready"] = Ready,
        ["started"] = Started,
        ["restartCount"] = Restarts,
        ["state"] = State(),
        ["lastState"] = Last?.ToJson() ?? [],
    };

    /// <summary>Writes what the containers of a pod have come to into its status.</summary>
    public static void Write(JsonObject pod, IReadOnlyList<ContainerState> inits, IReadOnlyList<ContainerState> containers, DateTimeOffset now)
    {
        var status = pod.Child("status");
        var restarts = pod.Text("spec", "restartPolicy");
        status["phase"] = restarts == "Never" && inits.Any(init => init.Ended is { ExitCode: not 0 }) ? "Failed" : Phase(containers, restarts);
        status["containerStatuses"] = new JsonArray([.. containers.Select(container => container.ToJson())]);
        if (inits.Count > 0)
        {
            status["initContainerStatuses"] = new JsonArray([.. inits.Select(container => container.ToJson())]);
        }

        var initialized = inits.All(init => init.Ended is { ExitCode: 0 });
        Conditions.Set(pod, "Initialized", initialized ? "True" : "False", initialized ? null : "ContainersNotInitialized", null, now);
        var unready = containers.Where(container => !container.Ready).Select(container => container.Name).ToList();
        var reason = unready.Count == 0 ? null : status.Text("phase") == "Succeeded" ? "PodCompleted" : "ContainersNotReady";
        var message = unready.Count == 0 ? null : $"containers with unready status: [{string.Join(' ', unready)}]";
        foreach (var condition in (string[])["ContainersReady", "Ready"])
        {
            Conditions.Set(pod, condition, unready.Count == 0 ? "True" : "False", reason, message, now);
        }
    }

    /// <summary>A container that has ended and will be started again still makes a pod that runs.</summary>
    internal static string Phase(IReadOnlyList<ContainerState> containers, string? restartPolicy)
    {
        if (containers.All(container => container.Ended is not null)
            && (restartPolicy == "Never" || (restartPolicy == "OnFailure" && containers.All(container => container.Ended!.ExitCode == 0))))
        {
            return containers.All(container => container.Ended!.ExitCode == 0) ? "Succeeded" : "Failed";
        }

        return containers.Any(container => container.RunningSince is not null || container.Ended is not null || container.Last is not null)
            ? "Running"
            : "Pending";
    }

    private JsonObject State()
    {
        if (Ended is { } ended)
        {
            return ended.ToJson();
        }

        if (RunningSince is { } since)
        {
            return new() { ["running"] = new JsonObject { ["startedAt"] = since.Stamp() } };
        }

        var (reason, message) = Waiting ?? ("ContainerCreating", null);
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
        {
            waiting["message"] = message;
        }

        return new() { ["waiting"] = waiting };
    }
}
