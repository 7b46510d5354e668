using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Watching;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What the placer counts with, of what a cluster says.</summary>
public sealed class ClusterRoomTests
{
    [Fact]
    public void A_node_has_room_for_what_it_takes_without_what_it_holds()
    {
        var node = new ClusterNode(
            "n1", "uid-1", null, "a", null, IsReady: true, IsOpen: true, new(4000, 8192), new(1500, 1024), Replicas: 108, ReplicasMax: 110, []);
        var none = new InstanceSize(0, 0);
        ClusterNode[] nodes = [node, node with { IsOpen = false }, node with { Requested = null, Replicas = null }];

        var seen = ClusterRoom.Seen(Given.Cluster("one"), [], new(nodes, none, none, none, Given.Now), Given.Now);

        Assert.Equal([new NodeHole(Zone: 0, CpuMillis: 2500, MemoryMiB: 7168, Pods: 2)], seen.Nodes);
        Assert.Equal((1500, 1024), (seen.CpuMillisUsed, seen.MemoryMiBUsed));
    }
}
