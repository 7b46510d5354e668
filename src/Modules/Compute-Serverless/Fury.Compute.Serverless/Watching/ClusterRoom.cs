using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Watching;

/// <summary>From what a cluster says of its nodes to what the placer counts with. Pure.</summary>
internal static class ClusterRoom
{
    /// <param name="bound">Counted before the capacity was asked for: what was bound in between is deducted twice for a moment, never not at all.</param>
    /// <param name="at">When <paramref name="bound"/> was counted.</param>
    public static ClusterSeen Seen(Cluster facts, IReadOnlyList<Bound> bound, ClusterCapacity capacity, DateTimeOffset at)
    {
        var open = capacity.Nodes.Where(node => node is { IsReady: true, IsOpen: true, Requested: not null, Replicas: not null }).ToList();
        return new(
            facts.Name,
            at,
            [
                .. from node in open
                   select new NodeHole(
                       ClusterState.ZoneOf(facts, node.Zone),
                       node.Allocatable.CpuMillis - node.Requested!.CpuMillis,
                       node.Allocatable.MemoryMiB - node.Requested.MemoryMiB,
                       node.ReplicasMax - node.Replicas!.Value),
            ],
            [],
            bound,
            open.Sum(node => (long)node.Requested!.CpuMillis),
            open.Sum(node => (long)node.Requested!.MemoryMiB));
    }
}
