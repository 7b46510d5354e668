using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>What a pod asks of its node. Only what the sum needs, so that a hundred thousand of them are small.</summary>
internal readonly record struct PodRequest(string? Node, decimal Cpu, decimal Memory)
{
    /// <summary>
    /// As the scheduler counts: all containers together, or the largest of those that run before them if it is more, and the overhead of the
    /// pod itself. Those before that keep running (sidecars) count with the containers.
    /// </summary>
    public static PodRequest Read(JsonElement pod)
    {
        var spec = pod.At("spec");
        var before = spec.Items("initContainers").ToList();
        var running = spec.Items("containers").Concat(before.Where(container => container.Text("restartPolicy") == "Always")).ToList();
        return new PodRequest(spec.Text("nodeName"), Sum("cpu"), Sum("memory"));

        decimal Sum(string resource) =>
            Math.Max(running.Sum(one => Request(one, resource)), before.Select(one => Request(one, resource)).DefaultIfEmpty().Max())
            + (Quantities.Parse(spec.At("overhead").Text(resource)) ?? 0);
    }

    private static decimal Request(JsonElement container, string resource) =>
        Quantities.Parse(container.At("resources", "requests").Text(resource)) ?? 0;
}

/// <summary>From nodes and requests to what there is. Pure.</summary>
internal static class CapacitySum
{
    public static ClusterCapacity Of(IReadOnlyList<ClusterNode> nodes, IEnumerable<PodRequest> requests, DateTimeOffset at)
    {
        var requested = new Dictionary<string, (decimal Cpu, decimal Memory, int Replicas)>(StringComparer.Ordinal);
        foreach (var request in requests.Where(request => request.Node is not null))
        {
            var (cpu, memory, replicas) = requested.GetValueOrDefault(request.Node!);
            requested[request.Node!] = (cpu + request.Cpu, memory + request.Memory, replicas + 1);
        }

        var counted = nodes.Select(node =>
        {
            var (cpu, memory, replicas) = requested.GetValueOrDefault(node.Name);
            return node with { Requested = Quantities.Requested(cpu, memory), Replicas = replicas };
        }).ToList();
        var usable = counted.Where(node => node is { IsReady: true, IsOpen: true }).ToList();
        return new ClusterCapacity(
            counted, Total(usable.Select(node => node.Allocatable)), Total(usable.Select(node => node.Requested!)), LargestHole(usable), at);
    }

    /// <summary>The room of the node whose scarcer resource is the least scarce, measured by the largest node.</summary>
    private static InstanceSize LargestHole(IReadOnlyList<ClusterNode> nodes)
    {
        double cpuMax = Math.Max(1, nodes.Select(node => node.Allocatable.CpuMillis).DefaultIfEmpty().Max());
        double memoryMax = Math.Max(1, nodes.Select(node => node.Allocatable.MemoryMiB).DefaultIfEmpty().Max());
        return nodes
            .Select(node => new InstanceSize(
                Math.Max(0, node.Allocatable.CpuMillis - node.Requested!.CpuMillis), Math.Max(0, node.Allocatable.MemoryMiB - node.Requested.MemoryMiB)))
            .OrderByDescending(hole => Math.Min(hole.CpuMillis / cpuMax, hole.MemoryMiB / memoryMax))
            .FirstOrDefault() ?? new InstanceSize(0, 0);
    }

    private static InstanceSize Total(IEnumerable<InstanceSize> sizes)
    {
        var all = sizes.ToList();
        return new InstanceSize(Quantities.Fit(all.Sum(size => (long)size.CpuMillis)), Quantities.Fit(all.Sum(size => (long)size.MemoryMiB)));
    }
}
