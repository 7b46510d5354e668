namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>A kind of object in one version of its group, as it stands in paths.</summary>
/// <param name="Version"><c>v1</c> for the core group, <c>apps/v1</c> for others.</param>
/// <param name="Plural">E.g. <c>replicasets</c>.</param>
internal readonly record struct KubeResource(string Version, string Plural, string Kind)
{
    public static readonly KubeResource Pods = new("v1", "pods", "Pod");
    public static readonly KubeResource Nodes = new("v1", "nodes", "Node");
    public static readonly KubeResource Events = new("v1", "events", "Event");
    public static readonly KubeResource Namespaces = new("v1", "namespaces", "Namespace");
    public static readonly KubeResource PodMetrics = new("metrics.k8s.io/v1beta1", "pods", "PodMetrics");
    public static readonly KubeResource ReplicaSets = new("apps/v1", "replicasets", "ReplicaSet");
    public static readonly KubeResource Jobs = new("batch/v1", "jobs", "Job");
    public static readonly KubeResource DaemonSets = new("apps/v1", "daemonsets", "DaemonSet");

    public static readonly KubeResource ValidatingWebhooks =
        new("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration");

    public static readonly KubeResource MutatingWebhooks =
        new("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration");

    /// <summary>As permissions name it: <c>replicasets.apps</c>.</summary>
    public string Name => Version.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? $"{Plural}.{Version[..slash]}" : Plural;

    private string Root => Version.Contains('/', StringComparison.Ordinal) ? $"/apis/{Version}" : $"/api/{Version}";

    /// <summary>All of them in a namespace, or, with null, in the cluster.</summary>
    public string In(string? space) => space is null ? $"{Root}/{Plural}" : $"{Root}/namespaces/{Uri.EscapeDataString(space)}/{Plural}";

    public string One(string? space, string name) => $"{In(space)}/{Uri.EscapeDataString(name)}";
}
