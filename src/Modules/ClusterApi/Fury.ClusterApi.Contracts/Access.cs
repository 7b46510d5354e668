using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>How a cluster is reached. Holds secrets: it is kept elsewhere, and is never logged or told.</summary>
/// <param name="Orchestrator">One of <see cref="IClusterApi.Orchestrators"/>.</param>
/// <param name="Document">The access document that the orchestrator's own clients use, as text.</param>
/// <param name="File">The path of that document; read again by each <see cref="IClusterApi.Connect"/>. With neither, the access that the
/// orchestrator gives to what runs inside of the cluster.</param>
/// <param name="Context">Which of the document's contexts; null: its current one.</param>
/// <param name="Space">The part of the cluster where everything of Fury goes; null: the context's, or <c>fury</c>.</param>
/// <param name="Owner">The mark on all that belongs to this platform; two platforms that share a cluster have two.</param>
/// <param name="Managed">Instead of a document: its provider says where it answers, and who Fury is to it.</param>
public sealed record ClusterAccess(
    string Orchestrator,
    string? Document = null,
    string? File = null,
    string? Context = null,
    string? Space = null,
    string Owner = "fury",
    ManagedCluster? Managed = null)
{
    /// <summary>Without the document, since what is printed ends in a log.</summary>
    public override string ToString() =>
        $"{Orchestrator} {File ?? Managed?.ToString() ?? (Document is null ? "(inside)" : "(document)")} {Context} {Space}";
}

/// <summary>What a cluster runs.</summary>
/// <param name="Text">As the cluster says it, e.g. <c>v1.31.4</c>.</param>
/// <param name="Dialect">Which forms of speech were chosen for it, by name; for people.</param>
public sealed record ClusterVersion(int Major, int Minor, string Text, IReadOnlyDictionary<string, string> Dialect);

/// <summary>What a cluster has, and what is asked of it.</summary>
/// <param name="Allocatable">Of the nodes that are ready and take new replicas.</param>
/// <param name="Requested">Of the same nodes, by everybody's replicas.</param>
/// <param name="LargestHole">The most roomy place on one node: what is larger fits nowhere.</param>
public sealed record ClusterCapacity(
    IReadOnlyList<ClusterNode> Nodes, InstanceSize Allocatable, InstanceSize Requested, InstanceSize LargestHole, DateTimeOffset At);

/// <summary>A node as last seen.</summary>
/// <param name="Shape">The provider's name of its kind, e.g. <c>m6i.xlarge</c>; null when it is not known.</param>
/// <param name="IsReady">It answers.</param>
/// <param name="IsOpen">It takes new replicas.</param>
/// <param name="Requested">By everybody's replicas; null where it is not counted, as in a watch.</param>
/// <param name="Replicas">How many of anybody it holds; null where <paramref name="Requested"/> is.</param>
/// <param name="ReplicasMax">How many replicas of anybody it takes.</param>
public sealed record ClusterNode(
    string Name,
    string Uid,
    string? Region,
    string? Zone,
    string? Shape,
    bool IsReady,
    bool IsOpen,
    InstanceSize Allocatable,
    InstanceSize? Requested,
    int? Replicas,
    int ReplicasMax,
    IReadOnlyList<NodeTaint> Taints);

/// <summary>Keeps replicas away that do not tolerate it.</summary>
/// <param name="Effect">What it does, in the orchestrator's word.</param>
public sealed record NodeTaint(string Key, string? Value, string Effect);
