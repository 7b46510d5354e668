using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Reads what may be missing, or may be of another kind than expected, by the names on the way to it.</summary>
internal static class JsonPaths
{
    public static JsonNode? Node(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject container && container.TryGetPropertyValue(name, out var next) ? next : null;
        }

        return node;
    }

    public static JsonObject? Object(this JsonNode? node, params ReadOnlySpan<string> path) => node.Node(path) as JsonObject;

    public static JsonArray? Array(this JsonNode? node, params ReadOnlySpan<string> path) => node.Node(path) as JsonArray;

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Node(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.Node(path) switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        JsonValue value when value.TryGetValue<JsonElement>(out var element) && element.ValueKind == JsonValueKind.Number
            && element.TryGetInt64(out var number) => number,
        _ => null,
    };

    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Node(path) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>A number or a text as text, e.g. for a port or a field selector; null for everything else.</summary>
    public static string? Scalar(this JsonNode? node, params ReadOnlySpan<string> path) => node.Node(path) switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag ? "true" : "false",
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    /// <summary>A time as RFC 3339 writes it.</summary>
    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The object under the name, which is made when it is not there.</summary>
    public static JsonObject Child(this JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }

    /// <summary>Sets a field that is missing or null, as the defaulting of a server does.</summary>
    public static void Default(this JsonObject target, string name, JsonNode value)
    {
        if (target[name] is null)
        {
            target[name] = value;
        }
    }

    /// <summary>Sets a field, or takes it off when there is no value.</summary>
    public static void Set(this JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
        {
            target.Remove(name);
        }
        else
        {
            target[name] = value;
        }
    }

    /// <summary>Sets a count; Kubernetes leaves out those that are zero.</summary>
    public static void SetCount(this JsonObject target, string name, int count) => target.Set(name, count == 0 ? null : count);

    /// <summary>Sets a list; Kubernetes leaves out those that are empty.</summary>
    public static void SetList(this JsonObject target, string name, JsonArray list) => target.Set(name, list.Count == 0 ? null : list);

    /// <summary>A time as Kubernetes writes it: UTC, whole seconds.</summary>
    public static string Stamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time with microseconds, as leases have it.</summary>
    public static string MicroStamp(this DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
