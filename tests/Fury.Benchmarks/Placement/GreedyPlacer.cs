using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Benchmarks.Placement;

/// <summary>
/// What one would write first, without its sins: for each replica look at every cluster that will do and, zone by zone, for the first node with a
/// hole; of the zones that bring most spreads nearer to their minimum take the cheapest. No score, no room to compare, no promise.
/// </summary>
internal sealed class GreedyPlacer
{
    private readonly List<(Cluster Cluster, NodeHole[][] Zones)> _clusters = [];

    public GreedyPlacer(IEnumerable<(Cluster Cluster, ClusterSeen Seen)> clusters)
    {
        foreach (var (cluster, seen) in clusters)
        {
            var potential = seen.Potential
                .SelectMany(more => Enumerable.Repeat(new NodeHole(more.Zone, more.CpuMillis, more.MemoryMiB, more.Pods), more.Nodes));
            var zones = seen.Nodes.Concat(potential).ToLookup(node => node.Zone);
            _clusters.Add((cluster, [.. Enumerable.Range(0, cluster.Zones.Count).Select(zone => zones[zone].ToArray())]));
        }
    }

    /// <returns>Whether all replicas were placed, and the spreads kept.</returns>
    public bool Place(PlacementRequest request)
    {
        HashSet<string>[] groups = [.. request.Spreads.Select(_ => new HashSet<string>())];
        for (var replica = 0; replica < request.Replicas; replica++)
        {
            (Cluster Cluster, NodeHole[] Nodes, int Node, int Zone, int Brings, double Cost)? best = null;
            foreach (var (cluster, zones) in _clusters.Where(one => WillDo(one.Cluster, request)))
            {
                for (var zone = 0; zone < zones.Length; zone++)
                {
                    var (brings, allowed) = Spreads(request, groups, cluster, zone);
                    var cost = Cost(cluster, request.Size);
                    if (allowed && (best is null || brings > best.Value.Brings || (brings == best.Value.Brings && cost < best.Value.Cost))
                        && Hole(zones[zone], request.Size) is var node and >= 0)
                    {
                        best = (cluster, zones[zone], node, zone, brings, cost);
                    }
                }
            }

            if (best is not { } taken)
            {
                return false;
            }

            var hole = taken.Nodes[taken.Node];
            var (cpu, memory) = (hole.CpuMillis - request.Size.CpuMillis, hole.MemoryMiB - request.Size.MemoryMiB);
            taken.Nodes[taken.Node] = hole with { CpuMillis = cpu, MemoryMiB = memory, Pods = hole.Pods - 1 };
            for (var spread = 0; spread < groups.Length; spread++)
            {
                groups[spread].Add(Group(request.Spreads[spread].Level, taken.Cluster, taken.Zone));
            }
        }

        return request.Spreads.Zip(groups).All(one => one.Second.Count >= Math.Min(one.First.MinGroups, request.Replicas));
    }

    private static (int Brings, bool Allowed) Spreads(PlacementRequest request, HashSet<string>[] groups, Cluster cluster, int zone)
    {
        var brings = 0;
        for (var spread = 0; spread < groups.Length; spread++)
        {
            if (!groups[spread].Contains(Group(request.Spreads[spread].Level, cluster, zone)))
            {
                if (groups[spread].Count >= request.Spreads[spread].MaxGroups)
                {
                    return (0, false);
                }

                brings += groups[spread].Count < request.Spreads[spread].MinGroups ? 1 : 0;
            }
        }

        return (brings, true);
    }

    private static int Hole(NodeHole[] nodes, InstanceSize size) =>
        Array.FindIndex(nodes, node => node.CpuMillis >= size.CpuMillis && node.MemoryMiB >= size.MemoryMiB && node.Pods > 0);

    private static bool WillDo(Cluster cluster, PlacementRequest request) =>
        cluster.WorkloadTypes.Contains(request.WorkloadType)
        && cluster.Criticality == request.Criticality
        && cluster.Taints.All(request.Tolerations.Contains)
        && request.Affinities.Any(affinity => affinity.Providers.Count == 0 || affinity.Providers.Contains(cluster.Provider));

    private static double Cost(Cluster cluster, InstanceSize size) =>
        (cluster.CpuHourPrice * size.CpuMillis / 1000) + (cluster.MemoryHourPrice * size.MemoryMiB / 1024);

    private static string Group(SpreadLevel level, Cluster cluster, int zone) => level switch
    {
        SpreadLevel.Provider => cluster.Provider,
        SpreadLevel.Region => cluster.Region,
        SpreadLevel.Cluster => cluster.Name,
        _ => $"{cluster.Region}/{cluster.Zones[zone]}",
    };
}
