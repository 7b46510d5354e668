using System.Collections.Frozen;

namespace Fury.LocalCluster;

/// <summary>The kinds that Fury uses, with the versions of Kubernetes that serve each of their versions.</summary>
internal static class AllKinds
{
    private static readonly List<Kind> Table = [];

    public static readonly Kind Namespaces = Add(new(0, "", "namespaces", "Namespace", false)
    {
        Versions = [new("v1")],
        ShortNames = ["ns"],
        HasStatus = true,
        Selectable = Fields("status.phase"),
    });

    public static readonly Kind Nodes = Add(new(1, "", "nodes", "Node", false)
    {
        Versions = [new("v1")],
        ShortNames = ["no"],
        HasStatus = true,
        Selectable = Fields("spec.unschedulable"),
    });

    public static readonly Kind Pods = Add(new(2, "", "pods", "Pod", true)
    {
        Versions = [new("v1")],
        ShortNames = ["po"],
        InAll = true,
        HasStatus = true,
        Selectable = Fields("spec.nodeName", "status.phase", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.podIP"),
    });

    public static readonly Kind Services = Add(new(3, "", "services", "Service", true)
    {
        Versions = [new("v1")],
        ShortNames = ["svc"],
        InAll = true,
        HasStatus = true,
        Selectable = Fields("spec.clusterIP", "spec.type"),
    });

    public static readonly Kind Endpoints = Add(new(4, "", "endpoints", "Endpoints", true) { Versions = [new("v1")], ShortNames = ["ep"] });

    public static readonly Kind ConfigMaps = Add(new(5, "", "configmaps", "ConfigMap", true) { Versions = [new("v1")], ShortNames = ["cm"] });

    public static readonly Kind Secrets = Add(new(6, "", "secrets", "Secret", true) { Versions = [new("v1")], Selectable = Fields("type") });

    public static readonly Kind ServiceAccounts = Add(new(7, "", "serviceaccounts", "ServiceAccount", true)
    {
        Versions = [new("v1")],
        ShortNames = ["sa"],
    });

    public static readonly Kind Events = Add(new(8, "", "events", "Event", true)
    {
        Versions = [new("v1")],
        ShortNames = ["ev"],
        Selectable = Fields(
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"),
    });

    public static readonly Kind ReplicaSets = Add(new(9, "apps", "replicasets", "ReplicaSet", true)
    {
        Versions = [new("v1")],
        ShortNames = ["rs"],
        InAll = true,
        HasStatus = true,
        HasScale = true,
        HasGeneration = true,
        Selectable = Fields("status.replicas"),
    });

    public static readonly Kind Deployments = Add(new(10, "apps", "deployments", "Deployment", true)
    {
        Versions = [new("v1")],
        ShortNames = ["deploy"],
        InAll = true,
        HasStatus = true,
        HasScale = true,
        HasGeneration = true,
    });

    public static readonly Kind Jobs = Add(new(11, "batch", "jobs", "Job", true)
    {
        Versions = [new("v1")],
        InAll = true,
        HasStatus = true,
        HasGeneration = true,
        Selectable = Fields("status.successful"),
    });

    public static readonly Kind CronJobs = Add(new(12, "batch", "cronjobs", "CronJob", true)
    {
        Versions = [new("v1", From: 21), new("v1beta1", Until: 25)],
        ShortNames = ["cj"],
        InAll = true,
        HasStatus = true,
        HasGeneration = true,
    });

    public static readonly Kind Autoscalers = Add(new(13, "autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true)
    {
        Versions =
        [
            new("v2", From: 23),
            new("v1") { FromStored = Conversions.AutoscalerToV1, ToStored = Conversions.AutoscalerFromV1 },
            new("v2beta2", Until: 26),
        ],
        ShortNames = ["hpa"],
        InAll = true,
        HasStatus = true,
    });

    public static readonly Kind DisruptionBudgets = Add(new(14, "policy", "poddisruptionbudgets", "PodDisruptionBudget", true)
    {
        Versions = [new("v1", From: 21), new("v1beta1", Until: 25)],
        ShortNames = ["pdb"],
        HasStatus = true,
        HasGeneration = true,
    });

    public static readonly Kind EndpointSlices = Add(new(15, "discovery.k8s.io", "endpointslices", "EndpointSlice", true)
    {
        Versions =
        [
            new("v1", From: 21),
            new("v1beta1", Until: 25) { FromStored = Conversions.SliceToBeta, ToStored = Conversions.SliceFromBeta },
        ],
        HasGeneration = true,
    });

    public static readonly Kind Leases = Add(new(16, "coordination.k8s.io", "leases", "Lease", true) { Versions = [new("v1")] });

    public static readonly Kind PodMetrics = Add(new(17, "metrics.k8s.io", "pods", "PodMetrics", true) { Versions = [new("v1beta1")], IsMeasured = true });

    public static readonly Kind DaemonSets = Add(new(18, "apps", "daemonsets", "DaemonSet", true)
    {
        Versions = [new("v1")],
        ShortNames = ["ds"],
        InAll = true,
        HasStatus = true,
        HasGeneration = true,
    });

    public static readonly Kind ValidatingWebhooks =
        Add(new(19, "admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false)
        {
            Versions = [new("v1")],
            HasGeneration = true,
        });

    public static readonly Kind MutatingWebhooks =
        Add(new(20, "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false)
        {
            Versions = [new("v1")],
            HasGeneration = true,
        });

    public static IReadOnlyList<Kind> All => Table;

    /// <summary>Those that hold the objects of a namespace.</summary>
    public static IEnumerable<Kind> InNamespaces => Table.Where(kind => kind.Namespaced);

    public static Kind? Named(string apiGroup, string kindName) =>
        Table.Find(kind => kind.Name == kindName && kind.Group == apiGroup);

    private static Kind Add(Kind kind)
    {
        if (kind.Number != Table.Count)
        {
            throw new InvalidOperationException($"{kind} must have the number {Table.Count}.");
        }

        Table.Add(kind);
        return kind;
    }

    private static FrozenSet<string> Fields(params string[] paths) => paths.ToFrozenSet();
}
