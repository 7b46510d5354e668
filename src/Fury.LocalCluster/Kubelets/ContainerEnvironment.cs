using System.Text;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A container cannot be started as it is written; the reason is the one that its status shows.</summary>
internal sealed class ContainerRefused(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>The environment variables of a container, from values, fields of its pod, config maps and secrets.</summary>
internal static class ContainerEnvironment
{
    public static Dictionary<string, string> Of(ObjectStore store, JsonObject pod, JsonObject container)
    {
        var ns = pod.Text("metadata", "namespace")!;
        var variables = new Dictionary<string, string>();
        foreach (var source in container.Array("envFrom") ?? [])
        {
            var (kind, reference) = source.Object("configMapRef") is { } map ? (AllKinds.ConfigMaps, map) : (AllKinds.Secrets, source.Object("secretRef"));
            foreach (var (name, value) in All(store, kind, ns, reference))
            {
                variables[(source.Text("prefix") ?? "") + name] = value;
            }
        }

        foreach (var variable in container.Array("env") ?? [])
        {
            if (variable.Text("name") is { } name && Value(store, pod, ns, variable) is { } value)
            {
                variables[name] = value;
            }
        }

        return variables;
    }

    private static string? Value(ObjectStore store, JsonObject pod, string ns, JsonNode? variable)
    {
        if (variable.Object("valueFrom") is not { } from)
        {
            return variable.Text("value") ?? "";
        }

        if (from.Text("fieldRef", "fieldPath") is { } path)
        {
            return pod.Scalar(path.Split('.')) ?? "";
        }

        var (kind, reference) = from.Object("configMapKeyRef") is { } map ? (AllKinds.ConfigMaps, map) : (AllKinds.Secrets, from.Object("secretKeyRef"));
        var key = reference.Text("key") ?? "";
        if (All(store, kind, ns, reference).TryGetValue(key, out var value))
        {
            return value;
        }

        return reference.Flag("optional") == true
            ? null
            : throw new ContainerRefused("CreateContainerConfigError", $"couldn't find key {key} in {kind.Name} {ns}/{reference.Text("name")}");
    }

    private static Dictionary<string, string> All(ObjectStore store, Kind kind, string ns, JsonObject? reference)
    {
        var name = reference.Text("name") ?? "";
        if (store.Find(kind, ns, name) is not { } entry)
        {
            return reference.Flag("optional") == true
                ? []
                : throw new ContainerRefused("CreateContainerConfigError", $"{kind.Singular} \"{name}\" not found");
        }

        return (entry.Read().Object("data") ?? []).ToDictionary(
            item => item.Key,
            item => kind == AllKinds.Secrets ? Encoding.UTF8.GetString(Convert.FromBase64String(item.Value.Text() ?? "")) : item.Value.Text() ?? "");
    }
}
