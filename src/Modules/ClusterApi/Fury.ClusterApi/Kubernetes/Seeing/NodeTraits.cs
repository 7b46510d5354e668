using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From a node to what it may have in common with others: what it is made of, and how it is marked. Pure.</summary>
internal static class NodeTraits
{
    /// <summary>How the traits begin of which a cluster may have very many.</summary>
    public const string LabelPrefix = "node label ";

    /// <summary>On every node, and what they say is told as what the node is made of.</summary>
    private static readonly FrozenSet<string> LabelsByNature =
        FrozenSet.Create("kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch");

    /// <summary>Taints that say how a node is now (lost, cordoned, about to go), and not what it is for.</summary>
    private static readonly string[] PassingPrefixes = ["node.kubernetes.io/", "node.cloudprovider.kubernetes.io/"];

    private static readonly FrozenSet<string> Passing =
        FrozenSet.Create("ToBeDeletedByClusterAutoscaler", "DeletionCandidateOfClusterAutoscaler", "karpenter.sh/disrupted", "karpenter.sh/disruption");

    public static IReadOnlyList<string> Read(JsonElement node)
    {
        var made = node.At("status", "nodeInfo");
        return
        [
            .. Fact("kubelet", MinorVersion(made.Text("kubeletVersion"))),
            .. Fact("runtime", Runtime(made.Text("containerRuntimeVersion"))),
            .. Fact("architecture", made.Text("architecture")),
            .. Fact("os", made.Text("operatingSystem")),
            .. Labels(node.At("metadata", "labels")).Where(key => !LabelsByNature.Contains(key)).Select(key => LabelPrefix + key),
            .. node.At("spec").Items("taints").SelectMany(taint => Fact("taint", Taint(taint.Text("key"), taint.Text("effect")))),
        ];
    }

    private static IEnumerable<string> Fact(string what, string? value) => value is null ? [] : [$"node {what} {value}"];

    private static IEnumerable<string> Labels(JsonElement labels) =>
        labels.ValueKind == JsonValueKind.Object ? labels.EnumerateObject().Select(label => label.Name) : [];

    private static string? Taint(string? key, string? effect) =>
        key is null || effect is null || Passing.Contains(key) || PassingPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal))
            ? null
            : $"{key}:{effect}";

    /// <summary><c>1.33</c> of <c>v1.33.5-eks-113cf36</c>; null of what is no version.</summary>
    private static string? MinorVersion(string? text) =>
        text?.TrimStart('v').Split('.') is [var major, var minor, ..] && Number(major) is { } whole && Number(minor) is { } part
            ? string.Create(CultureInfo.InvariantCulture, $"{whole}.{part}")
            : null;

    /// <summary><c>containerd 2</c> of <c>containerd://2.0.4</c>; the name alone where the version is none.</summary>
    private static string? Runtime(string? text) => text?.Split("://") is [{ Length: > 0 } name, var version]
        ? Number(version) is { } major ? string.Create(CultureInfo.InvariantCulture, $"{name} {major}") : name
        : null;

    private static int? Number(string text) => int.TryParse(
        text.AsSpan(0, text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var number) ? number : null;
}
