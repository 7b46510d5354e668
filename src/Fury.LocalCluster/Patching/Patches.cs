using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>The kinds of patches, by the media type of the request.</summary>
internal static class Patches
{
    public const string JsonType = "application/json-patch+json";
    public const string MergeType = "application/merge-patch+json";
    public const string StrategicType = "application/strategic-merge-patch+json";
    public const string ApplyType = "application/apply-patch+yaml";

    public static readonly IReadOnlyList<string> Types = [JsonType, MergeType, StrategicType];

    /// <summary>What the body does to an object in its served form. The object that is given may be edited, or be left for another one.</summary>
    public static Func<JsonObject, JsonObject> Read(string? type, byte[] body)
    {
        switch (type)
        {
            case JsonType:
                var operations = JsonPatch.Read(body);
                return value => JsonPatch.Run(value, operations);
            case MergeType:
                var merge = Bodies.ParseJson(body);
                return value => MergePatch(value, merge) as JsonObject ?? [];
            case StrategicType:
                var strategic = Bodies.ParseJson(body);
                return value => StrategicMerge.Run(value, strategic);
            default:
                throw Refusal.UnsupportedMediaType(type, string.Join(", ", Types.Append(ApplyType)));
        }
    }

    /// <summary>RFC 7396: objects are merged field by field, null takes a field away, everything else replaces.</summary>
    public static JsonNode? MergePatch(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
        {
            return patch?.DeepClone();
        }

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                result.Remove(name);
                continue;
            }

            var before = result[name];
            var merged = MergePatch(before, value);
            if (!ReferenceEquals(before, merged))
            {
                result[name] = merged;
            }
        }

        return result;
    }
}

/// <summary>RFC 6902: a list of operations at paths, all or none.</summary>
internal static class JsonPatch
{
    private const int OperationsMax = 10_000;

    public static JsonArray Read(byte[] body)
    {
        JsonNode? read;
        try
        {
            read = JsonNode.Parse(body);
        }
        catch (JsonException bad)
        {
            throw Refusal.BadRequest($"the JSON patch cannot be read: {bad.Message}");
        }

        return read is JsonArray { Count: <= OperationsMax } operations
            ? operations
            : throw Refusal.BadRequest($"a JSON patch must be a list of at most {OperationsMax} operations");
    }

    public static JsonObject Run(JsonObject value, JsonArray operations)
    {
        JsonNode? root = value;
        foreach (var operation in operations)
        {
            var path = Pointer(operation, "path");
            root = operation.Text("op") switch
            {
                "add" => Add(root, path, operation.Node("value")?.DeepClone()),
                "remove" => Remove(root, path, out _),
                "replace" => Add(Remove(root, path, out _), path, operation.Node("value")?.DeepClone()),
                "test" => JsonNode.DeepEquals(Find(root, path), operation.Node("value")) ? root : throw Fail(path, "the tested value differs"),
                "copy" => Add(root, path, Find(root, Pointer(operation, "from"))?.DeepClone()),
                "move" => Move(root, Pointer(operation, "from"), path),
                var other => throw Refusal.BadRequest($"op: Invalid value: \"{other}\": must be add, remove, replace, test, copy or move"),
            };
        }

        return root as JsonObject ?? throw Fail([], "what is left is no object");
    }

    private static JsonNode? Move(JsonNode? root, string[] from, string[] to)
    {
        root = Remove(root, from, out var moved);
        return Add(root, to, moved);
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Find(root, path[..^1]))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list:
                list.Insert(Index(path, list.Count), value);
                break;
            default:
                throw Fail(path, "its parent is no object and no list");
        }

        return root;
    }

    private static JsonNode? Remove(JsonNode? root, string[] path, out JsonNode? removed)
    {
        if (path.Length == 0)
        {
            removed = root;
            return null;
        }

        switch (Find(root, path[..^1]))
        {
            case JsonObject parent when parent.TryGetPropertyValue(path[^1], out removed):
                parent.Remove(path[^1]);
                break;
            case JsonArray list:
                var index = Index(path, list.Count - 1);
                removed = list[index];
                list.RemoveAt(index);
                break;
            default:
                throw Fail(path, "there is nothing at this path");
        }

        return root;
    }

    private static JsonNode? Find(JsonNode? root, string[] path)
    {
        var node = root;
        for (var depth = 0; depth < path.Length; depth++)
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(path[depth], out var next) => next,
                JsonArray list => list[Index(path[..(depth + 1)], list.Count - 1)],
                _ => throw Fail(path, "there is nothing at this path"),
            };
        }

        return node;
    }

    private static int Index(string[] path, int max) =>
        int.TryParse(path[^1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index)
        && index <= max && (path[^1].Length == 1 || path[^1][0] != '0')
            ? index
            : throw Fail(path, $"a list of {max + 1} has no such place");

    private static string[] Pointer(JsonNode? operation, string name) => operation.Text(name) switch
    {
        "" => [],
        { } text when text[0] == '/' => [.. text[1..].Split('/').Select(part => part.Replace("~1", "/").Replace("~0", "~"))],
        var other => throw Refusal.BadRequest($"{name}: Invalid value: \"{other}\": must be a JSON pointer, which begins with '/'"),
    };

    /// <summary>The patch is right as such, but not for this object.</summary>
    private static Refusal Fail(string[] path, string why) =>
        Refusal.Unprocessable($"the server rejected our request due to an error in our request: /{string.Join('/', path)}: {why}");
}
