using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Objects as bytes for the caller. In the stored version this is the stored bytes behind a prefix, and nothing is parsed.</summary>
internal static class Render
{
    public static void Object(IBufferWriter<byte> output, Call call, Entry entry, Shape shape)
    {
        var served = call.Served;
        switch (shape)
        {
            case Shape.Table:
                output.Write(JsonText.Write(Tables.Of(call, [entry], entry.Version, null, 0)));
                break;
            case Shape.Metadata:
                output.Write(JsonText.Write(MetadataOf(entry)));
                break;
            default:
                output.Write(served.Prefix);
                output.Write(Body(served, entry).AsSpan(1));
                break;
        }
    }

    /// <summary>As a member of a list, where the list tells the kind.</summary>
    public static void Item(IBufferWriter<byte> output, Served served, Entry entry, Shape shape) =>
        output.Write(shape == Shape.Metadata ? JsonText.Write(MetadataOf(entry)) : Body(served, entry));

    public static void List(IBufferWriter<byte> output, Call call, Part part, string? next, Shape shape, bool tellsRest)
    {
        var served = call.Served;
        if (shape == Shape.Table)
        {
            output.Write(JsonText.Write(Tables.Of(call, part.Entries, part.Version, next, tellsRest ? part.Rest : 0)));
            return;
        }

        var (kind, version) = shape == Shape.Metadata ? ("PartialObjectMetadataList", "meta.k8s.io/v1") : (served.Kind.Name + "List", served.ApiVersion);
        output.Write(Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","apiVersion":"{{version}}","metadata":"""));
        output.Write(JsonText.Write(ListMetadata(part.Version, next, tellsRest ? part.Rest : 0)));
        output.Write(",\"items\":["u8);
        foreach (var (index, entry) in part.Entries.Index())
        {
            if (index > 0)
            {
                output.Write(","u8);
            }

            Item(output, served, entry, shape);
        }

        output.Write("]}"u8);
    }

    public static JsonObject ListMetadata(long version, string? next, int rest)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (next is not null)
        {
            metadata["continue"] = next;
            if (rest > 0)
            {
                metadata["remainingItemCount"] = rest;
            }
        }

        return metadata;
    }

    public static JsonObject MetadataOf(Entry entry) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = entry.Read()["metadata"]!.DeepClone(),
    };

    /// <summary>The whole object with its kind, to be patched.</summary>
    public static JsonObject ServedForm(Served served, JsonObject stored)
    {
        served.Version.FromStored?.Invoke(stored);
        stored["kind"] = served.Kind.Name;
        stored["apiVersion"] = served.ApiVersion;
        return stored;
    }

    private static byte[] Body(Served served, Entry entry)
    {
        if (served.IsStoredForm)
        {
            return entry.Json;
        }

        var value = entry.Read();
        served.Version.FromStored!(value);
        return JsonText.Write(value);
    }
}
