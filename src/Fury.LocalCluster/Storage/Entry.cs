using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// An object as it is stored: its compact JSON in the stored form, without <c>kind</c> and <c>apiVersion</c>, beside the little of it that is looked
/// at for every list and watch. Never edited; a change makes a new one.
/// </summary>
internal sealed class Entry
{
    public required Kind Kind { get; init; }

    /// <summary><c>namespace/name</c>, or the name alone: the place of the object on its shelf.</summary>
    public required string Key { get; init; }

    public required string? Namespace { get; init; }

    public required Guid Uid { get; init; }

    public required long Version { get; init; }

    public required byte[] Json { get; init; }

    public required KeyValuePair<string, string>[] Labels { get; init; }

    /// <summary>Uids of the owners; empty for most kinds.</summary>
    public required Guid[] Owners { get; init; }

    /// <summary>Whether it has a <c>deletionTimestamp</c>.</summary>
    public required bool Deleting { get; init; }

    /// <summary>Only pods have them.</summary>
    public PodFacts? Pod { get; init; }

    public string Name => Namespace is null ? Key : Key[(Namespace.Length + 1)..];

    /// <summary>The object, for reading or to be changed and put back.</summary>
    public JsonObject Read() => JsonText.Parse(Json);

    public static string KeyOf(string? ns, string name) => ns is null ? name : $"{ns}/{name}";

    public static Entry Of(Kind kind, JsonObject value, long version)
    {
        var metadata = value.Object("metadata")!;
        metadata["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        value.Remove("kind");
        value.Remove("apiVersion");
        var ns = kind.Namespaced ? Pool.Of(metadata.Text("namespace")!) : null;
        return new Entry
        {
            Kind = kind,
            Key = KeyOf(ns, metadata.Text("name")!),
            Namespace = ns,
            Uid = Guid.Parse(metadata.Text("uid")!),
            Version = version,
            Json = JsonText.Write(value),
            Labels = LabelsOf(metadata.Object("labels")),
            Owners = OwnersOf(metadata.Array("ownerReferences")),
            Deleting = metadata["deletionTimestamp"] is not null,
            Pod = kind == AllKinds.Pods ? PodFacts.Of(value) : null,
        };
    }

    private static KeyValuePair<string, string>[] LabelsOf(JsonObject? labels) =>
        labels is null ? [] : [.. labels.Select(label => KeyValuePair.Create(Pool.Of(label.Key), Pool.Of(label.Value.Text() ?? "")))];

    private static Guid[] OwnersOf(JsonArray? owners) => owners is null
        ? []
        : [.. owners.Select(owner => Guid.TryParse(owner.Text("uid"), out var uid) ? uid : Guid.Empty).Where(uid => uid != Guid.Empty)];
}

/// <summary>What controllers, scheduler and kubelets look at in every pod, so that they need not read its JSON.</summary>
/// <param name="Controller">Uid of the owner that controls it; empty when there is none.</param>
internal sealed record PodFacts(string? Node, string Phase, bool Ready, Guid Controller, int CpuMillis, long MemoryBytes)
{
    /// <summary>A pod that has ended needs nothing of its node any more.</summary>
    public bool HasEnded => Phase is "Succeeded" or "Failed";

    public static PodFacts Of(JsonObject pod)
    {
        var (cpu, memory) = Quantity.RequestsOf(pod.Object("spec"));
        var controller = (pod.Array("metadata", "ownerReferences") ?? []).FirstOrDefault(owner => owner.Flag("controller") == true);
        return new(
            pod.Text("spec", "nodeName") is { Length: > 0 } node ? Pool.Of(node) : null,
            Pool.Of(pod.Text("status", "phase") ?? "Pending"),
            Conditions.Has(pod, "Ready"),
            Guid.TryParse(controller.Text("uid"), out var uid) ? uid : Guid.Empty,
            cpu,
            memory);
    }
}
