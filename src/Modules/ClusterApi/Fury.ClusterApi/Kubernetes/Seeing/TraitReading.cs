using System.Collections.Frozen;
using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From what a cluster tells of itself to its traits. What it refuses to tell is no failure here. Pure.</summary>
internal static class TraitReading
{
    /// <summary>Groups of Kubernetes itself are named without a dot (<c>apps</c>), or end in this.</summary>
    private const string OwnSuffix = ".k8s.io";

    private const char Cut = '…';

    /// <summary>Which network it is that brings a DaemonSet of this name.</summary>
    private static readonly FrozenDictionary<string, string> NetworkByDaemonSet = new Dictionary<string, string>
    {
        ["anetd"] = "anetd",
        ["antrea-agent"] = "antrea",
        ["aws-node"] = "aws-node",
        ["azure-cni"] = "azure-cni",
        ["azure-cni-networkmonitor"] = "azure-cni",
        ["azure-cns"] = "azure-cni",
        ["calico-node"] = "calico",
        ["canal"] = "canal",
        ["cilium"] = "cilium",
        ["kindnet"] = "kindnet",
        ["kube-flannel"] = "flannel",
        ["kube-flannel-ds"] = "flannel",
        ["kube-ovn-cni"] = "kube-ovn",
        ["kube-router"] = "kube-router",
        ["weave-net"] = "weave-net",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Each once, in order, and no more and no longer than is agreed; where there are too many, labels of nodes give way first.</summary>
    public static ClusterTraits Of(ClusterVersion version, IEnumerable<string> read)
    {
        var all = read.Prepend($"kubernetes {version.Major}.{version.Minor}").Select(Bounded).Distinct(StringComparer.Ordinal)
            .OrderBy(trait => trait.StartsWith(NodeTraits.LabelPrefix, StringComparison.Ordinal))
            .ThenBy(trait => trait, StringComparer.Ordinal)
            .ToList();
        var told = all.Count > ClusterTraits.TraitsMax ? all.Take(ClusterTraits.TraitsMax - 1).Append(ClusterTraits.More) : all;
        return new ClusterTraits(version, [.. told.Order(StringComparer.Ordinal)]);
    }

    /// <param name="groups">What <c>/apis</c> answers.</param>
    public static IReadOnlyList<string> Apis(Outcome<JsonElement> groups) => groups.IsOk
        ?
        [
            .. from grouped in groups.Value.Items("groups")
               let name = grouped.Text("name")
               where name is not null && name.Contains('.', StringComparison.Ordinal) && !name.EndsWith(OwnSuffix, StringComparison.Ordinal)
               let preferred = grouped.At("preferredVersion").Text("version")
                   ?? grouped.Items("versions").Select(version => version.Text("version")).FirstOrDefault(version => version is not null)
               select preferred is null ? $"api {name}" : $"api {name}/{preferred}",
        ]
        : ["api not told"];

    /// <param name="what">When they are called: <c>validating</c>, <c>mutating</c>.</param>
    /// <param name="configurations">Nothing is told of a cluster that serves none of the kind.</param>
    public static IReadOnlyList<string> Admission(string what, Outcome<KubePage> configurations) => configurations.IsOk
        ? [.. configurations.Value.Items.Where(one => one.Name().Length > 0).Select(one => $"admission {what} {one.Name()}{(Fails(one) ? " (fail)" : "")}")]
        : configurations.Fault.IsNotServed() ? [] : ["admission not told"];

    /// <param name="daemonSets">Those of the system's namespace; a cluster that does not tell of them has no trait by them.</param>
    public static IReadOnlyList<string> Network(Outcome<KubePage> daemonSets) => daemonSets.IsOk
        ? [.. daemonSets.Value.Items.Select(set => NetworkByDaemonSet.GetValueOrDefault(set.Name())).OfType<string>().Select(name => $"network {name}")]
        : [];

    /// <summary>Whether what it is asked about is refused while it does not answer; a webhook that does not say is of the default, <c>Fail</c>.</summary>
    private static bool Fails(JsonElement configuration) => configuration.Items("webhooks").Any(webhook => webhook.Text("failurePolicy") is null or "Fail");

    /// <summary>On one line, and not longer than is agreed. Kubelets say of themselves what they like.</summary>
    private static string Bounded(string trait)
    {
        var line = trait.Any(char.IsControl) ? string.Concat(trait.Select(letter => char.IsControl(letter) ? ' ' : letter)) : trait;
        if (line.Length <= ClusterTraits.TraitLengthMax)
        {
            return line;
        }

        var end = ClusterTraits.TraitLengthMax - 1;
        return string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[end - 1]) ? end - 1 : end), [Cut]);
    }
}
