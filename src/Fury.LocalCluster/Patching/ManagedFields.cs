using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>One manager's share of an object.</summary>
/// <param name="Operation"><c>Apply</c> or <c>Update</c>: the same manager has one share for each.</param>
internal sealed record Share(string Manager, string Operation, string ApiVersion, string? Subresource, string Time, FieldSet Fields)
{
    public bool IsApply => Operation == "Apply";

    public bool SameAs(Share other) =>
        Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource && (IsApply || ApiVersion == other.ApiVersion);

    /// <summary>As a conflict names it.</summary>
    public string Described =>
        Subresource is null ? $"\"{Manager}\" using {ApiVersion}" : $"\"{Manager}\" with subresource \"{Subresource}\" using {ApiVersion}";
}

/// <summary>Who owns which fields of an object: <c>metadata.managedFields</c>.</summary>
internal static class ManagedFields
{
    public const int ManagerLengthMax = 128;

    /// <summary>Shares of managers that update; older ones become one.</summary>
    private const int UpdatersMax = 10;

    private const string Ancient = "ancient-changes";
    private const string Type = "FieldsV1";

    public static IReadOnlyList<Share> Read(JsonObject value) =>
    [
        .. (value.Array("metadata", "managedFields") ?? []).Select(item => new Share(
            item.Text("manager") ?? "unknown",
            item.Text("operation") ?? "Update",
            item.Text("apiVersion") ?? "",
            item.Text("subresource"),
            item.Text("time") ?? "",
            FieldSet.Read(item.Object("fieldsV1") ?? []))),
    ];

    public static void Write(JsonObject value, IEnumerable<Share> shares)
    {
        var list = new JsonArray();
        foreach (var share in Bounded(shares.Where(share => !share.Fields.IsEmpty).ToList()))
        {
            var item = new JsonObject
            {
                ["manager"] = share.Manager,
                ["operation"] = share.Operation,
                ["apiVersion"] = share.ApiVersion,
                ["time"] = share.Time,
                ["fieldsType"] = Type,
                ["fieldsV1"] = share.Fields.Write(),
            };
            if (share.Subresource is not null)
            {
                item["subresource"] = share.Subresource;
            }

            list.Add(item);
        }

        value.Child("metadata").SetList("managedFields", list);
    }

    /// <summary>What an update or a patch has changed becomes the writer's, and nobody else's; what it has removed is nobody's.</summary>
    public static void Updated(JsonObject after, JsonObject? before, Writer writer, DateTimeOffset now)
    {
        var (changed, removed) = Fields.Compare(before ?? [], after);
        var mine = new Share(writer.Manager!, "Update", writer.ApiVersion, Part(writer), now.Stamp(), changed);
        var shares = new List<Share>();
        var found = false;
        foreach (var share in Read(before ?? []))
        {
            if (share.SameAs(mine))
            {
                found = true;
                shares.Add(mine with { Fields = share.Fields.Without(removed).Union(changed) });
            }
            else
            {
                shares.Add(share with { Fields = share.Fields.Without(removed).Without(changed) });
            }
        }

        if (!found)
        {
            shares.Add(mine);
        }

        Write(after, shares);
    }

    /// <summary>The status, when that is what is written; a scale is written into the object itself but named all the same.</summary>
    public static string? Part(Writer writer) => writer.Subresource is "status" or "scale" ? writer.Subresource : null;

    /// <summary>Whether both have the same managers of the same fields, whatever the times.</summary>
    public static bool SameSets(JsonObject before, JsonObject after)
    {
        var (one, other) = (Timeless(before), Timeless(after));
        return JsonNode.DeepEquals(one, other);
    }

    private static JsonArray Timeless(JsonObject value)
    {
        JsonArray list = [.. (value.Array("metadata", "managedFields") ?? []).Select(item => item?.DeepClone())];
        foreach (var item in list.OfType<JsonObject>())
        {
            item.Remove("time");
        }

        return list;
    }

    private static List<Share> Bounded(List<Share> shares)
    {
        while (shares.Count(share => !share.IsApply) > UpdatersMax)
        {
            var oldest = shares.Where(share => !share.IsApply).OrderBy(share => share.Time, StringComparer.Ordinal).Take(2).ToList();
            shares.RemoveAll(oldest.Contains);
            shares.Insert(0, oldest[1] with { Manager = Ancient, Fields = oldest[0].Fields.Union(oldest[1].Fields) });
        }

        return shares;
    }
}
