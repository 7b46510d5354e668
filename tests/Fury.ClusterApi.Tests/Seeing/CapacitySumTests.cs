using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Seeing;

public sealed class CapacitySumTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_asks_for_what_the_scheduler_counts()
    {
        var request = PodRequest.Read(JsonElement.Parse("""
            {"spec": {"nodeName": "a",
              "initContainers": [{"resources": {"requests": {"cpu": "3"}}}, {"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}],
              "containers": [{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}, {"resources": {"requests": {"cpu": "1", "memory": "512Mi"}}}],
              "overhead": {"cpu": "10m"}}}
            """));

        Assert.Equal(("a", 3.01m, 1.5m * 1024 * 1024 * 1024), (request.Node, request.Cpu, request.Memory));
    }

    [Fact]
    public void Only_nodes_that_take_replicas_are_summed_and_the_largest_hole_is_on_one_of_them()
    {
        var huge = Node("off", 64000, 65536);
        ClusterNode[] nodes =
            [Node("a", 4000, 8192), Node("b", 8000, 16384), huge with { IsReady = false }, huge with { Name = "shut", IsOpen = false }];
        PodRequest[] requests = [new("a", 1, 1024m * 1024 * 1024), new("b", 7.5m, 0), new("b", 0.0001m, 1), new("off", 1, 0), new(null, 50, 0)];

        var capacity = CapacitySum.Of(nodes, requests, Now);

        Assert.Equal(new InstanceSize(12_000, 24_576), capacity.Allocatable);
        Assert.Equal(new InstanceSize(1000 + 7501, 1025), capacity.Requested);
        Assert.Equal(new InstanceSize(3000, 7168), capacity.LargestHole);
        Assert.Equal(new InstanceSize(1000, 0), capacity.Nodes[2].Requested);
        Assert.Equal([1, 2, 1, 0], capacity.Nodes.Select(node => node.Replicas));
    }

    [Fact]
    public void An_empty_cluster_has_no_room() =>
        Assert.Equal(new InstanceSize(0, 0), CapacitySum.Of([], [], Now).LargestHole);

    private static ClusterNode Node(string name, int cpu, int memory) =>
        new(name, name, null, null, null, IsReady: true, IsOpen: true, new InstanceSize(cpu, memory), null, null, 110, []);
}
