using Fury.Kernel;

namespace Fury.Compute.Serverless.Clusters;

/// <summary>What one node has left: allocatable minus the requests of what is bound to it.</summary>
internal readonly record struct NodeHole(int Zone, int CpuMillis, int MemoryMiB, int Pods);

/// <summary>Nodes that an autoscaler can still add.</summary>
/// <param name="Zone">Index into the cluster's zones.</param>
/// <param name="CpuMillis">Allocatable of one such node, after what runs on every node.</param>
/// <param name="Nodes">How many more: the pool's maximum minus what it has, and never more than the provider's quota has left.</param>
internal readonly record struct NodePotential(int Zone, int CpuMillis, int MemoryMiB, int Pods, int Nodes)
{
    /// <summary>More of one kind are counted as so many: a plan that needs more of a single pool waits for the first of them to come.</summary>
    public const int NodesMax = 256;

    /// <param name="nodesMax">The pool's own maximum.</param>
    /// <param name="quotaCpuMillis">What the provider's quota has left for it.</param>
    public static NodePotential Of(int zone, int cpuMillis, int memoryMiB, int pods, int nodesNow, int nodesMax, long quotaCpuMillis) => new(
        zone,
        cpuMillis,
        memoryMiB,
        pods,
        (int)Math.Clamp(Math.Min(nodesMax - nodesNow, cpuMillis == 0 ? 0 : quotaCpuMillis / cpuMillis), 0, NodesMax));
}

/// <summary>Replicas of one pool that are bound to nodes in one zone; their requests are in the nodes' holes already.</summary>
internal readonly record struct Bound(PoolId Pool, int Zone, int Replicas);

/// <summary>
/// One look at a cluster, of one moment: the holes and the replicas that made them. Both come from the same state of the watch, because a
/// replica that is counted in one and not in the other is deducted twice or not at all.
/// </summary>
/// <param name="At">When the cluster was as told here.</param>
/// <param name="CpuMillisUsed">Requests of everything that counts against the cluster's quota.</param>
internal sealed record ClusterSeen(
    string Cluster,
    DateTimeOffset At,
    IReadOnlyList<NodeHole> Nodes,
    IReadOnlyList<NodePotential> Potential,
    IReadOnlyList<Bound> Bound,
    long CpuMillisUsed,
    long MemoryMiBUsed)
{
    /// <summary>Those beyond are not counted: they are room that nobody is promised.</summary>
    public const int NodesMax = 5000;
}
