using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>How the members of a list are told apart, if at all.</summary>
/// <param name="Keys">Fields that together name a member; empty for a set of plain values.</param>
internal sealed record ListShape(params string[] Keys)
{
    /// <summary>Values that stand in for a key which a member leaves out.</summary>
    public JsonObject KeyDefaults { get; init; } = [];

    public bool IsSet => Keys.Length == 0;

    /// <summary>A strategic merge patch names a member by one field only. Not for sets.</summary>
    public string PatchKey => Keys[0];
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
        ["metadata/finalizers"] = new(),
        ["metadata/ownerReferences"] = new("uid"),
        ["spec/containers"] = new("name"),
        ["spec/initContainers"] = new("name"),
        ["spec/ephemeralContainers"] = new("name"),
        ["spec/volumes"] = new("name"),
        ["spec/imagePullSecrets"] = new("name"),
        ["spec/hostAliases"] = new("ip"),
        ["spec/topologySpreadConstraints"] = new("topologyKey", "whenUnsatisfiable"),
        ["spec/schedulingGates"] = new("name"),
        ["spec/resourceClaims"] = new("name"),
        ["containers/env"] = new("name"),
        ["containers/ports"] = new("containerPort", "protocol") { KeyDefaults = Tcp },
        ["containers/volumeMounts"] = new("mountPath"),
        ["containers/volumeDevices"] = new("devicePath"),
        ["initContainers/env"] = new("name"),
        ["initContainers/ports"] = new("containerPort", "protocol") { KeyDefaults = Tcp },
        ["initContainers/volumeMounts"] = new("mountPath"),
        ["spec/ports"] = new("port", "protocol") { KeyDefaults = Tcp },
        ["spec/finalizers"] = new(),
        ["status/conditions"] = new("type"),
        ["status/addresses"] = new("type"),
        ["status/podIPs"] = new("ip"),
        ["/secrets"] = new("name"),
        ["/imagePullSecrets"] = new("name"),
        ["/webhooks"] = new("name"),
        ["spec/taints"] = new("key"),
    }.ToFrozenDictionary();

    /// <summary>Maps that are one value, and not a field for each key.</summary>
    private static readonly FrozenSet<string> WholeMaps =
        ((string[])["selector", "nodeSelector", "resourceFieldRef", "fieldRef", "configMapKeyRef", "secretKeyRef", "scaleTargetRef", "involvedObject"])
        .ToFrozenSet();

    /// <summary>Lists that a strategic merge patch merges, and an apply takes as one value.</summary>
    private static readonly FrozenSet<string> OnlyStrategic = ((string[])["spec/taints", "spec/finalizers"]).ToFrozenSet();

    /// <param name="path">Names of fields on the way to the list, without the places or keys of members.</param>
    public static ListShape? ForPatch(IReadOnlyList<string> path) => Shapes.GetValueOrDefault(Key(path));

    public static ListShape? ForApply(IReadOnlyList<string> path) =>
        Key(path) is var key && !OnlyStrategic.Contains(key) ? Shapes.GetValueOrDefault(key) : null;

    public static bool IsWholeMap(string name) => WholeMaps.Contains(name);

    private static string Key(IReadOnlyList<string> path) => $"{(path.Count > 1 ? path[^2] : "")}/{path[^1]}";
}
