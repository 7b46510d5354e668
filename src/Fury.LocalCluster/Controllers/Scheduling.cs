using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A node as the scheduler sees it.</summary>
internal sealed record NodeFacts(string Name, bool Unschedulable, IReadOnlyList<Taint> Taints, KeyValuePair<string, string>[] Labels, NodeRoom Capacity)
{
    public static NodeFacts Of(Entry entry)
    {
        var node = entry.Read();
        var allocatable = node.Object("status", "allocatable") ?? node.Object("status", "capacity");
        var (cpu, memory) = Quantity.Of(allocatable);
        return new(
            entry.Name,
            node.Flag("spec", "unschedulable") == true,
            [.. (node.Array("spec", "taints") ?? []).Select(Taint.Of)],
            entry.Labels,
            new((int)(Quantity.Of(allocatable.Node("pods")) ?? 0), cpu, memory));
    }
}

/// <summary>What a node has, or what pods take of it.</summary>
internal readonly record struct NodeRoom(int Pods, long CpuMillis, long MemoryBytes)
{
    public static NodeRoom Of(PodFacts pod) => new(1, pod.CpuMillis, pod.MemoryBytes);

    public static NodeRoom operator +(NodeRoom one, NodeRoom other) =>
        new(one.Pods + other.Pods, one.CpuMillis + other.CpuMillis, one.MemoryBytes + other.MemoryBytes);

    public static NodeRoom operator -(NodeRoom one, NodeRoom other) =>
        new(one.Pods - other.Pods, one.CpuMillis - other.CpuMillis, one.MemoryBytes - other.MemoryBytes);
}

internal sealed record Taint(string Key, string Value, string Effect)
{
    public static Taint Of(JsonNode? taint) => new(taint.Text("key") ?? "", taint.Text("value") ?? "", taint.Text("effect") ?? "");

    public bool IsToleratedBy(JsonNode? toleration) =>
        (toleration.Text("effect") is null or "" || toleration.Text("effect") == Effect)
        && (toleration.Text("key") is null or "" ? toleration.Text("operator") == "Exists" : toleration.Text("key") == Key)
        && (toleration.Text("operator") == "Exists" || (toleration.Text("value") ?? "") == Value);
}

/// <summary>Where a pod goes, or why it cannot go anywhere.</summary>
internal sealed record Placement(string? Node, string? Why);

/// <summary>The scheduler's decision, pure: filters first, then the node with the most room left.</summary>
internal static class Scheduling
{
    public static Placement Place(JsonObject pod, PodFacts facts, IReadOnlyList<NodeFacts> nodes, Func<string, NodeRoom> taken)
    {
        if (nodes.Count == 0)
        {
            return new(null, "no nodes available to schedule pods");
        }

        var reasons = new Dictionary<string, int>();
        NodeFacts? best = null;
        var bestShare = double.MaxValue;
        foreach (var node in nodes)
        {
            var used = taken(node.Name);
            var against = Against(pod, facts, node, used).ToList();
            foreach (var reason in against)
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }

            var share = Share(node.Capacity, used + NodeRoom.Of(facts));
            if (against.Count == 0 && share < bestShare)
            {
                (best, bestShare) = (node, share);
            }
        }

        return best is not null
            ? new(best.Name, null)
            : new(null, $"0/{nodes.Count} nodes are available: "
                + string.Join(", ", reasons.Select(reason => $"{reason.Value} {reason.Key}").Order(StringComparer.Ordinal)) + ".");
    }

    private static IEnumerable<string> Against(JsonObject pod, PodFacts facts, NodeFacts node, NodeRoom used)
    {
        var tolerations = pod.Array("spec", "tolerations") ?? [];
        if (node.Unschedulable && !tolerations.Any(new Taint("node.kubernetes.io/unschedulable", "", "NoSchedule").IsToleratedBy))
        {
            yield return "node(s) were unschedulable";
            yield break;
        }

        if (node.Taints.FirstOrDefault(taint => taint.Effect is "NoSchedule" or "NoExecute" && !tolerations.Any(taint.IsToleratedBy)) is { } taint)
        {
            yield return $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
            yield break;
        }

        if (!MatchesNode(pod, node))
        {
            yield return "node(s) didn't match Pod's node affinity/selector";
            yield break;
        }

        var room = node.Capacity - used;
        if (room.Pods < 1)
        {
            yield return "Too many pods";
        }

        if (facts.CpuMillis > 0 && facts.CpuMillis > room.CpuMillis)
        {
            yield return "Insufficient cpu";
        }

        if (facts.MemoryBytes > 0 && facts.MemoryBytes > room.MemoryBytes)
        {
            yield return "Insufficient memory";
        }
    }

    private static bool MatchesNode(JsonObject pod, NodeFacts node)
    {
        if (pod.Object("spec", "nodeSelector") is { } wanted && !LabelSelector.OfMap(wanted).Matches(node.Labels))
        {
            return false;
        }

        var terms = pod.Array("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms");
        return terms is null or { Count: 0 }
            || terms.Any(term => LabelSelector.Of(new() { ["matchExpressions"] = term.Array("matchExpressions")?.DeepClone() })?.Matches(node.Labels) == true);
    }

    private static double Share(NodeRoom capacity, NodeRoom used) => Math.Max(
        (double)used.Pods / Math.Max(1, capacity.Pods),
        Math.Max((double)used.CpuMillis / Math.Max(1, capacity.CpuMillis), (double)used.MemoryBytes / Math.Max(1, capacity.MemoryBytes)));
}
