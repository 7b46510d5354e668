using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Which fields an object has, and in which two objects differ.</summary>
internal static class Fields
{
    /// <summary>The server's own part of the metadata, which no manager owns.</summary>
    private static readonly string[] Unowned =
    [
        "name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "selfLink", "managedFields",
    ];

    public static FieldSet Of(JsonObject value)
    {
        var set = new FieldSet();
        Walk(Owned(value), set, []);
        return set;
    }

    /// <summary>What is new or has another value in the second, and what is only in the first.</summary>
    public static (FieldSet Changed, FieldSet Removed) Compare(JsonObject before, JsonObject after)
    {
        var (changed, removed) = (new FieldSet(), new FieldSet());
        Compare(Owned(before), Owned(after), changed, removed, []);
        return (changed, removed);
    }

    /// <summary>How a member of a list is named in a set of fields; null when it lacks its keys.</summary>
    public static string? ElementOf(JsonNode? member, ListShape shape)
    {
        if (shape.IsSet)
        {
            return "v:" + (member?.ToJsonString() ?? "null");
        }

        var keys = new JsonObject();
        foreach (var key in shape.Keys.Order(StringComparer.Ordinal))
        {
            if ((member.Node(key) ?? shape.KeyDefaults[key]) is not { } value)
            {
                return null;
            }

            keys[key] = value.DeepClone();
        }

        return "k:" + System.Text.Encoding.UTF8.GetString(JsonText.Write(keys));
    }

    private static JsonObject Owned(JsonObject value)
    {
        var copy = value.DeepClone().AsObject();
        copy.Remove("kind");
        copy.Remove("apiVersion");
        if (copy.Object("metadata") is { } metadata)
        {
            foreach (var name in Unowned)
            {
                metadata.Remove(name);
            }

            if (metadata.Count == 0)
            {
                copy.Remove("metadata");
            }
        }

        return copy;
    }

    private static void Walk(JsonObject value, FieldSet set, List<string> path)
    {
        foreach (var (name, field) in value)
        {
            path.Add(name);
            WalkField(name, field, set.Child("f:" + name), path);
            path.RemoveAt(path.Count - 1);
        }
    }

    private static void WalkField(string name, JsonNode? field, FieldSet set, List<string> path)
    {
        switch (field)
        {
            case JsonObject { Count: > 0 } child when !ListShapes.IsWholeMap(name):
                Walk(child, set, path);
                break;
            case JsonArray { Count: > 0 } list when ListShapes.ForApply(path) is { } shape && list.All(member => ElementOf(member, shape) is not null):
                foreach (var member in list)
                {
                    var element = set.Child(ElementOf(member, shape)!);
                    element.Member = true;
                    if (member is JsonObject fields && !shape.IsSet)
                    {
                        Walk(fields, element, path);
                    }
                }

                break;
            default:
                set.Member = true;
                break;
        }
    }

    private static void Compare(JsonObject before, JsonObject after, FieldSet changed, FieldSet removed, List<string> path)
    {
        foreach (var name in before.Select(field => field.Key).Union(after.Select(field => field.Key)))
        {
            var (hadIt, hasIt) = (before.TryGetPropertyValue(name, out var old), after.TryGetPropertyValue(name, out var now));
            path.Add(name);
            if (!hadIt)
            {
                WalkField(name, now, changed.Child("f:" + name), path);
            }
            else if (!hasIt)
            {
                WalkField(name, old, removed.Child("f:" + name), path);
            }
            else if (!JsonNode.DeepEquals(old, now))
            {
                CompareField(name, old, now, changed.Child("f:" + name), removed.Child("f:" + name), path);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    private static void CompareField(string name, JsonNode? old, JsonNode? now, FieldSet changed, FieldSet removed, List<string> path)
    {
        if (old is JsonObject oldFields && now is JsonObject newFields && !ListShapes.IsWholeMap(name))
        {
            Compare(oldFields, newFields, changed, removed, path);
            return;
        }

        if (old is not JsonArray oldList || now is not JsonArray newList || ListShapes.ForApply(path) is not { } shape
            || oldList.Concat(newList).Any(member => ElementOf(member, shape) is null))
        {
            changed.Member = true;
            return;
        }

        var oldMembers = oldList.DistinctBy(member => ElementOf(member, shape)).ToDictionary(member => ElementOf(member, shape)!);
        var newMembers = newList.DistinctBy(member => ElementOf(member, shape)).ToDictionary(member => ElementOf(member, shape)!);
        foreach (var element in oldMembers.Keys.Union(newMembers.Keys))
        {
            switch (oldMembers.GetValueOrDefault(element), newMembers.GetValueOrDefault(element))
            {
                case (JsonObject one, JsonObject two):
                    Compare(one, two, changed.Child(element), removed.Child(element), path);
                    break;
                case (null, { } added):
                    changed.Child(element).Member = true;
                    Below(added, changed.Child(element), path);
                    break;
                case ({ } gone, null):
                    removed.Child(element).Member = true;
                    Below(gone, removed.Child(element), path);
                    break;
                default:
                    break;
            }
        }
    }

    private static void Below(JsonNode member, FieldSet set, List<string> path)
    {
        if (member is JsonObject fields)
        {
            Walk(fields, set, path);
        }
    }
}
