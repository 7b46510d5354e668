using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Registry;

/// <summary>What people say of a cluster; what is left out has its usual value.</summary>
/// <param name="Provider">The first part of its location, e.g. <c>aws</c>.</param>
/// <param name="Region">The second part, e.g. <c>us-east-1</c>.</param>
/// <param name="Zones">Where its nodes can be; one, <c>main</c>, when left out.</param>
/// <param name="Criticality"><c>low</c>, <c>medium</c>, <c>high</c>, <c>critical</c>, or <c>any</c> (usual).</param>
/// <param name="WorkloadTypes">Some of <c>web</c>, <c>worker</c>, <c>job</c>; any when left out.</param>
/// <param name="Taints">Only what tolerates them comes here.</param>
/// <param name="CpuMillisMax">What the platform may ask of it in all; null: all it has.</param>
/// <param name="Phase"><c>joining</c>, <c>active</c> (usual) or <c>draining</c>.</param>
/// <param name="Kubeconfig">The path of its access document on every host; null: the access that is given to what runs inside of it.</param>
/// <param name="Managed">Its name at its provider, which says where it answers and who Fury is to it; instead of a kubeconfig.</param>
/// <param name="Namespace">Where everything of Fury goes in it; null: the context's own, or <c>fury</c>.</param>
internal sealed record ClusterRequest(
    string? Provider,
    string? Region,
    IReadOnlyList<string>? Zones = null,
    string? Criticality = null,
    IReadOnlyList<string>? WorkloadTypes = null,
    IReadOnlyList<string>? Taints = null,
    double CpuHourPrice = 0,
    double MemoryHourPrice = 0,
    long? CpuMillisMax = null,
    long? MemoryMiBMax = null,
    string? Shape = null,
    string? Phase = null,
    string? Kubeconfig = null,
    string? Context = null,
    string? Namespace = null,
    string? Managed = null)
{
    private const string Kubernetes = "kubernetes";
    private const string MainZone = "main";

    public Outcome<(Cluster Cluster, ClusterAccess Access)> Read(string name)
    {
        var check = new Validation();
        check.Name<ClusterName>(name, "name");
        var criticality = Criticality is Segment.Any or null ? (Criticality?)null : check.Choice(Criticality, Kernel.Criticality.Low);
        List<WorkloadType> workloadTypes =
            [.. (WorkloadTypes ?? []).Select((type, at) => check.Choice(type, WorkloadType.Web, $"workloadTypes[{at}]"))];
        var phase = check.Choice(Phase, ClusterPhase.Active);
        check.Require(Kubeconfig is null || Path.IsPathFullyQualified(Kubeconfig), Kubeconfig, "the full path of a file", "kubeconfig");
        check.Require(Managed is null || (Kubeconfig ?? Context) is null, Managed, "left out when there is a kubeconfig or a context", "managed");
        check.Require(Managed is null || IsCloudName(Managed), Managed, "1 to 100 letters, digits, hyphens, _ and /", "managed");
        if (check.Fault is { } fault)
        {
            return fault;
        }

        var cluster = new Cluster(
            name,
            Provider ?? "",
            Region ?? "",
            Zones ?? [MainZone],
            criticality,
            workloadTypes,
            Taints ?? [],
            CpuHourPrice,
            MemoryHourPrice,
            new(CpuMillisMax ?? long.MaxValue, MemoryMiBMax ?? long.MaxValue),
            Shape ?? "",
            phase);
        var managed = Managed is null ? null : new ManagedCluster(cluster.Provider, cluster.Region, Managed);
        return cluster.Check() is { } bad ? bad
            : (cluster, new ClusterAccess(Kubernetes, File: Kubeconfig, Context: Context, Space: Namespace, Managed: managed));
    }

    private static bool IsCloudName(string name) =>
        name.Length is >= 1 and <= 100 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '/');
}
