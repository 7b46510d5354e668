using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Benchmarks.Placement;

/// <summary>A made-up fleet of several providers, and pools that want into it with all constraints on.</summary>
internal static class BenchFleet
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private const int NodesPerCluster = 60;

    /// <summary>So few that not everything that is asked for fits.</summary>
    private const int NodesWhenTight = 6;
    private const int NodeCpuMillis = 16_000;
    private const int NodeMemoryMiB = 65_536;
    private const int NodePods = 110;

    private static readonly string[] Providers = ["aws", "gcp", "azure", "own"];
    private static readonly string[] Zones = ["a", "b", "c"];
    private static readonly string[] Taints = ["spot", "arm", "tenant"];
    private static readonly int[] Cpus = [100, 250, 500, 750, 1000, 1500, 2000, 4000];

    public static (Cluster Cluster, ClusterSeen Seen) Cluster(Random random, int number, bool tight = false)
    {
        var provider = Providers[random.Next(Providers.Length)];
        var cluster = new Cluster(
            $"cluster-{number:000}",
            provider,
            $"{provider}-region-{random.Next(6)}",
            Zones,
            (Criticality)random.Next(4),
            random.Next(3) == 0 ? [WorkloadType.Web] : [WorkloadType.Web, WorkloadType.Worker],
            [.. Taints.Where(_ => random.Next(8) == 0)],
            0.02 + (random.NextDouble() * 0.03),
            0.003 + (random.NextDouble() * 0.003),
            new(NodesPerCluster * NodeCpuMillis, (long)NodesPerCluster * NodeMemoryMiB),
            $"shape-{random.Next(12)}");
        var nodes = Enumerable.Range(0, tight ? NodesWhenTight : NodesPerCluster)
            .Select(node => new NodeHole(node % Zones.Length, HalfToFull(NodeCpuMillis), HalfToFull(NodeMemoryMiB), NodePods))
            .ToList();
        NodePotential[] potential = [.. Zones.Index().Select(zone => new NodePotential(zone.Index, NodeCpuMillis, NodeMemoryMiB, NodePods, tight ? 0 : 4))];
        return (cluster, new(cluster.Name, Now.AddSeconds(-random.Next(120)), nodes, potential, [], 0, 0));

        int HalfToFull(int all) => random.Next(all / 2, all);
    }

    public static Fleet Fleet(int clusters, int seed, bool tight = false)
    {
        var random = new Random(seed);
        var fleet = Compute.Serverless.Placement.Fleet.Empty;
        for (var number = 0; number < clusters; number++)
        {
            var (cluster, seen) = Cluster(random, number, tight);
            fleet = fleet.Put(cluster).Judged(cluster.Name, random.Next(50) == 0 ? HealthPhase.Frozen : HealthPhase.Healthy)
                .Seen(cluster.Name, Room.Of(cluster, seen), seen.At);
        }

        return fleet;
    }

    /// <summary>Spread over two or three zones and clusters and two regions, with two affinities and a toleration.</summary>
    public static PlacementRequest Request(Random random, int number) => new(
        new(new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])),
        new(Cpus[random.Next(Cpus.Length)], Cpus[random.Next(Cpus.Length)] * 2),
        random.Next(2, 9),
        random.Next(4) == 0 ? WorkloadType.Worker : WorkloadType.Web,
        (Criticality)random.Next(4))
    {
        Tolerations = [Taints[random.Next(Taints.Length)]],
        Affinities = [new([Providers[random.Next(Providers.Length)], Providers[random.Next(Providers.Length)]], [], []), Affinity.Anywhere],
        Overflow = random.Next(2) == 0,
        Spreads =
        [
            new(SpreadLevel.Provider, 1, 2, Hard: false),
            new(SpreadLevel.Region, 2, 4),
            new(SpreadLevel.Cluster, 2, 5),
            new(SpreadLevel.Zone, random.Next(2, 4)),
        ],
        Warm = [$"cluster-{random.Next(500):000}", $"cluster-{random.Next(500):000}"],
        Seed = (uint)number,
    };

    public static List<PlacementRequest> Requests(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, count).Select(number => Request(random, number))];
    }
}
