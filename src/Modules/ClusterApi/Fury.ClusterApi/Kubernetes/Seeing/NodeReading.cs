using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Informers;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From a node to a node in neutral words. Pure.</summary>
internal static class NodeReading
{
    public static readonly ObjectTraits<ClusterNode> Traits = new(node => node.Name, node => node.Uid, Same);

    public static ClusterNode Read(JsonElement node)
    {
        var (spec, allocatable) = (node.At("spec"), node.At("status", "allocatable"));
        return new ClusterNode(
            node.Name(),
            node.At("metadata").Text("uid") ?? "",
            Label(node, "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
            Label(node, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
            Label(node, "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
            node.At("status").Condition("Ready").Text("status") == "True",
            !spec.Is("unschedulable"),
            Quantities.Available(Quantities.Parse(allocatable.Text("cpu")) ?? 0, Quantities.Parse(allocatable.Text("memory")) ?? 0),
            Requested: null,
            Replicas: null,
            Quantities.Fit((long)(Quantities.Parse(allocatable.Text("pods")) ?? 0)),
            [.. spec.Items("taints").Select(taint => new NodeTaint(taint.Text("key") ?? "", taint.Text("value"), taint.Text("effect") ?? ""))]);
    }

    /// <summary>A node says every few seconds that it is alive; that alone is no news.</summary>
    private static bool Same(ClusterNode one, ClusterNode other) =>
        one with { Taints = other.Taints } == other && one.Taints.SequenceEqual(other.Taints);

    private static string? Label(JsonElement node, string name, string former) => node.Label(name) ?? node.Label(former);
}
