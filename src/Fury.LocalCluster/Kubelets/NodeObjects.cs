using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>The nodes that a cluster begins with, and what each of them says of itself.</summary>
internal static class NodeObjects
{
    public const string LeaseNamespace = "kube-node-lease";

    /// <summary>How long a lease says that it holds.</summary>
    private const int LeaseSeconds = 40;

    public static string NameOf(ClusterOptions options, int index) => $"{options.Name}-node-{index + 1}";

    public static JsonObject Node(ClusterOptions options, ClusterVersion version, int index, string address, DateTimeOffset now)
    {
        var name = NameOf(options, index);
        var machine = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        var zone = options.Zones.Count == 0 ? "local" : options.Zones[index % options.Zones.Count];
        var room = new JsonObject
        {
            ["cpu"] = options.NodeCpu,
            ["memory"] = options.NodeMemory,
            ["pods"] = options.PodsPerNodeMax.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        var node = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/hostname"] = name,
                    ["kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = machine,
                    ["topology.kubernetes.io/region"] = "local",
                    ["topology.kubernetes.io/zone"] = zone,
                },
            },
            ["status"] = new JsonObject
            {
                ["capacity"] = room,
                ["allocatable"] = room.DeepClone(),
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "InternalIP", ["address"] = address },
                    new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["nodeInfo"] = new JsonObject
                {
                    ["kubeletVersion"] = version.GitVersion,
                    ["kubeProxyVersion"] = version.GitVersion,
                    ["operatingSystem"] = "linux",
                    ["architecture"] = machine,
                    ["osImage"] = "A simulated node",
                    ["containerRuntimeVersion"] = "none://0",
                    ["kernelVersion"] = "",
                    ["machineID"] = name,
                    ["systemUUID"] = name,
                    ["bootID"] = name,
                },
            },
        };
        Conditions.Set(node, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now);
        return node;
    }

    /// <summary>Tells that a node lives. Creates its lease, or renews it.</summary>
    public static void Beat(Registry registry, string node)
    {
        var now = registry.Clock.GetUtcNow().MicroStamp();
        if (registry.Store.Find(AllKinds.Leases, LeaseNamespace, node) is { } lease)
        {
            registry.Edit(lease, Writer.Cluster, value => value.Child("spec")["renewTime"] = now);
            return;
        }

        registry.Create(
            AllKinds.Leases,
            LeaseNamespace,
            new()
            {
                ["metadata"] = new JsonObject { ["name"] = node },
                ["spec"] = new JsonObject { ["holderIdentity"] = node, ["leaseDurationSeconds"] = LeaseSeconds, ["renewTime"] = now },
            },
            Writer.Cluster);
    }
}
