using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>How the members of a list are told apart, if at all.</summary>
/// <param name="Keys">Fields that together name a member; empty for a set of plain values.</param>
/// <param name="PatchKey">The one field by which a strategic merge patch names a member, where that is another; null when it replaces the list.</param>
internal sealed record ListShape(string[] Keys, string? PatchKey)
{
    /// <summary>Values that stand in for a key which a member leaves out.</summary>
    public JsonObject KeyDefaults { get; init; } = [];

    public bool IsSet => Keys.Length == 0;
}

/// <summary>
/// The lists that are merged member by member, by the field that holds them and the field above that. All other lists are whole values, which is
/// what Kubernetes calls atomic.
/// </summary>
internal static class ListShapes
{
    private static readonly JsonObject Tcp = new() { ["protocol"] = "TCP" };

    private static readonly FrozenDictionary<string, ListShape> Shapes = new Dictionary<string, ListShape>
    {
        ["metadata/finalizers"] = new([], ""),
        ["metadata/ownerReferences"] = new(["uid"], "uid"),
        ["spec/containers"] = Named(),
        ["spec/initContainers"] = Named(),
        ["spec/ephemeralContainers"] = Named(),
        ["spec/volumes"] = Named(),
        ["spec/imagePullSecrets"] = Named(),
        ["spec/hostAliases"] = new(["ip"], "ip"),
        ["spec/topologySpreadConstraints"] = new(["topologyKey", "whenUnsatisfiable"], "topologyKey"),
        ["spec/schedulingGates"] = Named(),
        ["spec/resourceClaims"] = Named(),
        ["containers/env"] = Named(),
        ["containers/ports"] = new(["containerPort", "protocol"], "containerPort") { KeyDefaults = Tcp },
        ["containers/volumeMounts"] = new(["mountPath"], "mountPath"),
        ["containers/volumeDevices"] = new(["devicePath"], "devicePath"),
        ["initContainers/env"] = Named(),
        ["initContainers/ports"] = new(["containerPort", "protocol"], "containerPort") { KeyDefaults = Tcp },
        ["initContainers/volumeMounts"] = new(["mountPath"], "mountPath"),
        ["spec/ports"] = new(["port", "protocol"], "port") { KeyDefaults = Tcp },
        ["spec/finalizers"] = new([], ""),
        ["status/conditions"] = new(["type"], "type"),
        ["status/addresses"] = new(["type"], "type"),
        ["status/podIPs"] = new(["ip"], "ip"),
        ["/secrets"] = Named(),
        ["/imagePullSecrets"] = Named(),
        ["spec/taints"] = new(["key"], "key"),
    }.ToFrozenDictionary();

    /// <summary>Maps that are one value, and not a field for each key.</summary>
    private static readonly FrozenSet<string> WholeMaps =
        ((string[])["selector", "nodeSelector", "resourceFieldRef", "fieldRef", "configMapKeyRef", "secretKeyRef", "scaleTargetRef", "involvedObject"])
        .ToFrozenSet();

    /// <summary>Lists that a strategic merge patch merges, and an apply takes as one value.</summary>
    private static readonly FrozenSet<string> OnlyStrategic = ((string[])["spec/taints", "spec/finalizers"]).ToFrozenSet();

    /// <param name="path">Names of fields on the way to the list, without the places or keys of members.</param>
    public static ListShape? ForPatch(IReadOnlyList<string> path) => Shapes.GetValueOrDefault(Key(path)) is { PatchKey: not null } shape ? shape : null;

    public static ListShape? ForApply(IReadOnlyList<string> path) =>
        Key(path) is var key && !OnlyStrategic.Contains(key) ? Shapes.GetValueOrDefault(key) : null;

    public static bool IsWholeMap(string name) => WholeMaps.Contains(name);

    private static string Key(IReadOnlyList<string> path) => $"{(path.Count > 1 ? path[^2] : "")}/{path[^1]}";

    private static ListShape Named() => new(["name"], "name");
}
