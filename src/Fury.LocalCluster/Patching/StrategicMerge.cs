using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// Strategic merge patch: as a merge patch, but lists whose members have a key are merged member by member, and directives (<c>$patch</c>,
/// <c>$retainKeys</c>, <c>$deleteFromPrimitiveList</c>, <c>$setElementOrder</c>) say what cannot be said by values.
/// </summary>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    public static JsonObject Run(JsonObject target, JsonObject patch) => Merge(target, patch, []);

    private static JsonObject Merge(JsonObject target, JsonObject patch, List<string> path)
    {
        switch (patch.Text(Directive))
        {
            case "replace":
                return Plain(patch);
            case "delete":
                return [];
            case null or "merge":
                break;
            case var other:
                throw Refusal.BadRequest($"{string.Join('.', path.Append(Directive))}: Invalid value: \"{other}\": must be replace, delete or merge");
        }

        if (patch.Array(RetainKeys) is { } retained)
        {
            var names = retained.Select(name => name.Text()).ToHashSet();
            foreach (var gone in target.Select(field => field.Key).Where(name => !names.Contains(name)).ToList())
            {
                target.Remove(gone);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$'))
            {
                path.Add(name);
                Field(target, name, value, path, patch);
                path.RemoveAt(path.Count - 1);
            }
        }

        // Lists that the patch only orders or takes values from do not stand in it under their own name.
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal) && target.Array(name[DeletePrefix.Length..]) is { } list)
            {
                Without(list, value as JsonArray ?? []);
            }
            else if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && target.Array(name[OrderPrefix.Length..]) is { } ordered)
            {
                Order(ordered, value as JsonArray ?? [], ListShapes.ForPatch([.. path, name[OrderPrefix.Length..]]));
            }
        }

        return target;
    }

    private static void Field(JsonObject target, string name, JsonNode? value, List<string> path, JsonObject patch)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject child when child.Text(Directive) == "delete":
                target.Remove(name);
                break;
            case JsonObject child:
                // A selector of labels is one value for an apply; a strategic merge goes into it as into every object.
                if (target[name] is JsonObject existing)
                {
                    var merged = Merge(existing, child, path);
                    if (!ReferenceEquals(merged, existing))
                    {
                        target[name] = merged;
                    }
                }
                else
                {
                    target[name] = Merge([], child, path);
                }

                break;
            case JsonArray list when ListShapes.ForPatch(path) is { } shape:
                target[name] = shape.IsSet ? Union(target.Array(name), list) : Members(target.Array(name), list, shape, path);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static JsonArray Members(JsonArray? current, JsonArray patch, ListShape shape, List<string> path)
    {
        var key = shape.PatchKey;
        if (patch.Any(member => member.Text(Directive) == "replace"))
        {
            return [.. patch.OfType<JsonObject>().Where(member => member.Text(Directive) != "replace" || member.Count > 1)
                .Select(member => (JsonNode)Plain(member))];
        }

        List<JsonNode?> result = [.. (current ?? []).Select(member => member?.DeepClone())];
        foreach (var member in patch)
        {
            if (member is not JsonObject change || change.Scalar(key) is not { } id)
            {
                throw Refusal.BadRequest(
                    $"{string.Join('.', path)}: Invalid value: \"{member?.ToJsonString()}\": every member must have the merge key {key}");
            }

            var place = result.FindIndex(existing => existing.Scalar(key) == id);
            if (change.Text(Directive) == "delete")
            {
                result.RemoveAll(existing => existing.Scalar(key) == id);
            }
            else if (place < 0)
            {
                result.Add(Merge([], change, path));
            }
            else
            {
                result[place] = Merge(result[place]!.AsObject(), change, path);
            }
        }

        return [.. result];
    }

    private static JsonArray Union(JsonArray? current, JsonArray added)
    {
        JsonArray result = [.. (current ?? []).Select(value => value?.DeepClone())];
        foreach (var value in added.Where(value => !result.Any(existing => JsonNode.DeepEquals(existing, value))))
        {
            result.Add(value?.DeepClone());
        }

        return result;
    }

    private static void Without(JsonArray list, JsonArray gone)
    {
        foreach (var value in list.Where(value => gone.Any(other => JsonNode.DeepEquals(other, value))).ToList())
        {
            list.Remove(value);
        }
    }

    /// <summary>Those that are named come in the given order; those that are not stay behind the member they followed.</summary>
    private static void Order(JsonArray list, JsonArray order, ListShape? shape)
    {
        string? IdOf(JsonNode? node) => shape is null or { IsSet: true } || node is not JsonObject ? node.Scalar() : node.Scalar(shape.PatchKey);
        var ids = order.Select(IdOf).ToList();
        var members = list.ToList();
        list.Clear();
        var groups = new List<(string? Id, List<JsonNode?> Members)> { (null, []) };
        foreach (var member in members)
        {
            if (ids.Contains(IdOf(member)))
            {
                groups.Add((IdOf(member), []));
            }

            groups[^1].Members.Add(member);
        }

        foreach (var member in groups.OrderBy(group => group.Id is null ? -1 : ids.IndexOf(group.Id)).SelectMany(group => group.Members))
        {
            list.Add(member);
        }
    }

    /// <summary>The patch as a value of its own, without its directives.</summary>
    private static JsonObject Plain(JsonObject patch)
    {
        var plain = new JsonObject();
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$'))
            {
                plain[name] = value switch
                {
                    JsonObject child => Plain(child),
                    JsonArray list => new JsonArray([.. list.Select(member => member is JsonObject item ? Plain(item) : member?.DeepClone())]),
                    _ => value?.DeepClone(),
                };
            }
        }

        return plain;
    }
}
