using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>Clusters, fleets and requests with sane defaults.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly InstanceSize Small = new(500, 512);

    private static readonly string[] Taints = ["gpu", "spot", "tenant"];

    public static Cluster Cluster(string name, string provider = "aws", string region = "east", params string[] zones) => new(
        name, provider, region, zones.Length == 0 ? ["a"] : zones, Criticality.High, [WorkloadType.Web], [], 0.03, 0.004, ClusterQuota.Unlimited, "shape");

    /// <summary>Nodes on which so many small replicas fit, in each of the cluster's zones.</summary>
    public static ClusterSeen Seen(Cluster cluster, DateTimeOffset? at = null, params int[] smallByZone) => new(
        cluster.Name,
        at ?? Now,
        [.. smallByZone.Index().Select(zone => new NodeHole(zone.Index, zone.Item * Small.CpuMillis, zone.Item * Small.MemoryMiB, 100_000))],
        [],
        [],
        0,
        0);

    /// <summary>A healthy cluster, seen now.</summary>
    public static Fleet With(this Fleet fleet, Cluster cluster, params int[] smallByZone) => fleet.With(cluster, Seen(cluster, null, smallByZone));

    public static Fleet With(this Fleet fleet, Cluster cluster, ClusterSeen seen) => fleet
        .Put(cluster)
        .Judged(cluster.Name, HealthPhase.Healthy)
        .Seen(cluster.Name, Room.Of(cluster, seen), seen.At);

    public static PlacementRequest Request(int replicas, params Spread[] spreads) =>
        new(new(Guid.CreateVersion7(Now)), Small, replicas, WorkloadType.Web, Criticality.High) { Spreads = spreads, Seed = 1 };

    public static Decision Plan(this Fleet fleet, PlacementRequest request) => new Planner().Plan(fleet, request, Now);

    public static PoolId Pool(int number) => new(new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));

    /// <summary>Of all kinds, with nodes that are nearly full and such that are empty.</summary>
    public static (Cluster Cluster, ClusterSeen Seen) AnyCluster(Random random, int number)
    {
        var provider = $"provider-{random.Next(3)}";
        var region = $"{provider}-region-{random.Next(3)}";
        string[] zones = ["a", "b", "c"];
        zones = zones[..random.Next(1, 4)];
        var cluster = new Cluster(
            $"cluster-{number}",
            provider,
            region,
            zones,
            random.Next(6) == 0 ? null : (Criticality)random.Next(2, 4),
            AnyTypes(random),
            [.. Taints.Where(_ => random.Next(6) == 0)],
            random.NextDouble() * 0.06,
            random.NextDouble() * 0.008,
            random.Next(5) == 0 ? new(random.Next(20_000), random.Next(40_000)) : ClusterQuota.Unlimited,
            $"shape-{random.Next(5)}",
            random.Next(10) == 0 ? ClusterPhase.Draining : ClusterPhase.Active);
        var nodes = Enumerable.Range(0, random.Next(1, 12))
            .Select(_ => new NodeHole(random.Next(zones.Length), random.Next(8000), random.Next(16_000), random.Next(20)))
            .ToList();
        var potential = random.Next(3) == 0 ? new NodePotential(random.Next(zones.Length), 4000, 8000, 30, random.Next(3)) : default;
        var seen = new ClusterSeen(
            cluster.Name, Now.AddSeconds(-random.Next(400)), nodes, potential.Nodes == 0 ? [] : [potential], [], random.Next(2000), random.Next(2000));
        return (cluster, seen);
    }

    private static IReadOnlyList<WorkloadType> AnyTypes(Random random) => random.Next(6) switch
    {
        0 => [],
        1 => [WorkloadType.Worker],
        _ => [WorkloadType.Web, WorkloadType.Worker],
    };

    public static Fleet AnyFleet(Random random, int clusters)
    {
        var fleet = Fleet.Empty;
        for (var number = 0; number < clusters; number++)
        {
            var (cluster, seen) = AnyCluster(random, number);
            fleet = fleet.With(cluster, seen).Judged(cluster.Name, random.Next(12) == 0 ? HealthPhase.Frozen : HealthPhase.Healthy);
        }

        return fleet;
    }

    public static PlacementRequest AnyRequest(Random random) => new(
        new(Guid.CreateVersion7(Now)),
        new(random.Next(1, 9) * 250, random.Next(1, 9) * 256),
        random.Next(1, 25),
        random.Next(3) == 0 ? WorkloadType.Worker : WorkloadType.Web,
        (Criticality)random.Next(2, 4))
    {
        Tolerations = [.. Taints.Where(_ => random.Next(3) == 0)],
        Affinities = random.Next(3) switch
        {
            0 => [new([$"provider-{random.Next(3)}"], [], []), Affinity.Anywhere],
            1 => [new(["provider-0", "provider-1"], [], []), new(["provider-2"], [], [])],
            _ => [Affinity.Anywhere],
        },
        Overflow = random.Next(2) == 0,
        Spreads =
        [
            .. from level in Enum.GetValues<SpreadLevel>()
               where random.Next(3) == 0
               let min = random.Next(1, 4)
               select new Spread(level, min, random.Next(2) == 0 ? int.MaxValue : min + random.Next(3), random.Next(2) == 0),
        ],
        Warm = [$"cluster-{random.Next(20)}"],
        Seed = (uint)random.Next(),
    };
}
