using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What fits into a cluster.</summary>
public sealed class RoomTests
{
    private const int Seed = 5;

    private static readonly Cluster TwoZones = Given.Cluster("one", zones: ["a", "b"]);

    [Fact]
    public void Two_halves_of_a_hole_are_no_hole()
    {
        var room = Of(new(0, 700, 4096, 10), new(0, 700, 4096, 10));

        Assert.Equal(0, room.Fit(new(1000, 512)).Total);
        Assert.Equal(2, room.Fit(new(700, 512)).Total);
    }

    [Theory]
    [InlineData(500, 512, 4)] // By CPU.
    [InlineData(100, 1024, 8)] // By memory.
    [InlineData(50, 32, 10)] // By pods.
    public void The_scarcest_of_the_three_counts(int cpu, int memory, int fitting) =>
        Assert.Equal(fitting, Of(new NodeHole(0, 2000, 8192, 10)).Fit(new(cpu, memory)).Total);

    [Fact]
    public void A_node_that_is_over_its_promises_has_nothing_and_takes_nothing_from_others() =>
        Assert.Equal(2, Of(new(0, -3000, -100, -2), new(1, 1000, 1024, 10)).Fit(Given.Small).Total);

    [Fact]
    public void Nodes_that_can_come_count_but_are_not_ready()
    {
        var seen = Given.Seen(TwoZones, null, 2, 0) with { Potential = [new(1, 2000, 4096, 10, 3)] };

        var fit = Room.Of(TwoZones, seen).Fit(Given.Small);

        Assert.Equal((14, 2), (fit.Total, fit.Ready));
        Assert.Equal([2, 12], fit.Zones);
    }

    [Theory]
    [InlineData(10, 7, 100_000, 3)]
    [InlineData(10, 2, 8000, 8)]
    [InlineData(1000, 2, 1_000_000, 256)]
    [InlineData(2, 5, 100_000, 0)]
    public void The_potential_is_what_the_pool_and_the_provider_both_allow(int max, int now, long quota, int more) =>
        Assert.Equal(more, NodePotential.Of(0, 1000, 1024, 10, now, max, quota).Nodes);

    [Fact]
    public void The_quota_of_the_cluster_caps_its_zones_together()
    {
        var cluster = TwoZones with { Quota = new(4000, 100_000) };
        var room = Room.Of(cluster, Given.Seen(cluster, null, 10, 10) with { CpuMillisUsed = 1000 });

        Assert.Equal(6, room.Fit(Given.Small).Total);

        var next = room.Take(Given.Small, [4, 4], out var taken);
        Assert.Equal([4, 2], taken);
        Assert.Equal(0, next.Fit(Given.Small).Total);
    }

    [Fact]
    public void What_is_taken_fits_and_what_is_left_is_less_by_it()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 300; round++)
        {
            var (cluster, seen) = Given.AnyCluster(random, round);
            var room = Room.Of(cluster, seen);
            var (cpu, memory) = (new long[cluster.Zones.Count], new long[cluster.Zones.Count]);
            for (var take = 0; take < 30; take++)
            {
                var size = new InstanceSize(random.Next(50, 2000), random.Next(32, 4000));
                int[] asked = [.. cluster.Zones.Select(_ => random.Next(4))];
                var fit = room.Fit(size);
                room = room.Take(size, asked, out var taken);
                for (var zone = 0; zone < taken.Length; zone++)
                {
                    Assert.InRange(taken[zone], 0, Math.Min(asked[zone], fit.Zones[zone]));
                    cpu[zone] += (long)taken[zone] * size.CpuMillis;
                    memory[zone] += (long)taken[zone] * size.MemoryMiB;
                    Assert.True(cpu[zone] <= Sum(zone, node => node.CpuMillis, more => more.CpuMillis), $"Seed {Seed}, round {round}: more CPU than there is.");
                    Assert.True(
                        memory[zone] <= Sum(zone, node => node.MemoryMiB, more => more.MemoryMiB), $"Seed {Seed}, round {round}: more memory than there is.");
                }

                Assert.True(taken.Sum() == Math.Min(asked.Zip(fit.Zones, Math.Min).Sum(), fit.Total), $"Seed {Seed}, round {round}: less than fits.");
                Assert.True(room.Fit(size).Total <= fit.Total - taken.Sum(), $"Seed {Seed}, round {round}: the hole is as large as before.");
            }

            long Sum(int zone, Func<NodeHole, int> ofNode, Func<NodePotential, int> ofPotential) =>
                seen.Nodes.Where(node => node.Zone == zone).Sum(node => (long)ofNode(node))
                + seen.Potential.Where(more => more.Zone == zone).Sum(more => (long)ofPotential(more) * more.Nodes);
        }
    }

    private static Room Of(params NodeHole[] nodes) => Room.Of(TwoZones, Given.Seen(TwoZones) with { Nodes = nodes });
}
