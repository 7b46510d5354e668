using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a change of an object may touch, and what stays as it was, whatever the caller says.</summary>
internal static class Revision
{
    /// <summary>Refuses another identity and an older state; puts back what only the server may change.</summary>
    public static void KeepIdentity(Entry entry, JsonObject before, JsonObject after)
    {
        var (old, now) = (before.Object("metadata")!, after.Child("metadata"));
        if (now.Text("name") is { Length: > 0 } name && name != entry.Name)
        {
            throw Refusal.BadRequest($"the name of the object ({name}) does not match the name on the URL ({entry.Name})");
        }

        if (now.Text("uid") is { Length: > 0 } uid && uid != old.Text("uid"))
        {
            throw Refusal.Conflict(
                entry.Kind, entry.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Text("uid")}");
        }

        if (now.Scalar("resourceVersion") is { Length: > 0 } seen && seen != old.Text("resourceVersion"))
        {
            throw Refusal.Stale(entry.Kind, entry.Name);
        }

        foreach (var kept in (string[])
            ["name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"])
        {
            Copy(old, now, kept);
        }

        now.Remove("selfLink");
        if (now["managedFields"] is null)
        {
            Copy(old, now, "managedFields");
        }
    }

    /// <summary>Whether writing this would change nothing. Fields in another order are no change, and have the same length.</summary>
    public static bool IsSame(Entry entry, JsonObject value)
    {
        var json = JsonText.Write(value);
        return json.Length == entry.Json.Length && (json.AsSpan().SequenceEqual(entry.Json) || JsonNode.DeepEquals(entry.Read(), value));
    }

    /// <summary>Whoever writes the status changes only that, and whoever writes the object does not touch it.</summary>
    public static void Limit(Kind kind, JsonObject before, JsonObject after, Writer writer)
    {
        if (writer.Subresource == "status")
        {
            foreach (var name in after.Select(field => field.Key).Concat(before.Select(field => field.Key)).Distinct().ToList())
            {
                if (name is not ("status" or "metadata"))
                {
                    Copy(before, after, name);
                }
            }
        }
        else if (kind.HasStatus && writer.Subresource != "binding")
        {
            Copy(before, after, "status");
        }
    }

    public static void CountGeneration(Kind kind, JsonObject before, JsonObject after)
    {
        // Slices and webhooks have no spec; everything outside of their metadata is what the generation counts.
        if (kind.HasGeneration && (kind == AllKinds.EndpointSlices
            ? !JsonNode.DeepEquals(before["endpoints"], after["endpoints"]) || !JsonNode.DeepEquals(before["ports"], after["ports"])
            : !JsonNode.DeepEquals(before["spec"], after["spec"]) || !JsonNode.DeepEquals(before["webhooks"], after["webhooks"])))
        {
            after.Child("metadata")["generation"] = (before.Number("metadata", "generation") ?? 0) + 1;
        }
    }

    public static bool SameBut(JsonObject before, JsonObject after, string metadataField)
    {
        var (old, now) = (before["metadata"]![metadataField], after["metadata"]![metadataField]);
        before["metadata"]!.AsObject().Remove(metadataField);
        after["metadata"]!.AsObject().Remove(metadataField);
        var same = JsonNode.DeepEquals(before, after);
        if (old is not null)
        {
            before["metadata"]![metadataField] = old;
        }

        if (now is not null)
        {
            after["metadata"]![metadataField] = now;
        }

        return same;
    }

    private static void Copy(JsonObject from, JsonObject to, string name) => to.Set(name, from[name]?.DeepClone());
}
