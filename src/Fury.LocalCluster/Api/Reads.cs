using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>Gets and lists.</summary>
internal sealed class Reads(ObjectStore store)
{
    public Task Get(Call call) => Answers.Object(call, store.Get(call.Kind, call.Namespace, call.Name!));

    public Task List(Call call)
    {
        var shape = Accepted.Of(call.Http.Request.Headers.Accept.ToString());
        var (match, selective) = Selection(call);
        var limit = (int)Math.Min(call.QueryNumber("limit") ?? 0, int.MaxValue);
        var (version, after) = Where(call);
        var part = store.List(new(call.Kind, call.Namespace, match, version, after, limit)) ?? throw Refusal.Expired(after is null
            ? $"The resourceVersion for the provided list is too old: {version}."
            : "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
                + "parameter.");
        var next = part.Rest > 0 ? Token(part.Version, part.Entries[^1].Key) : null;
        var buffer = new ArrayBufferWriter<byte>(4096);
        Render.List(buffer, call, part, next, shape, tellsRest: !selective);
        return Answers.Bytes(call.Http, StatusCodes.Status200OK, buffer.WrittenMemory);
    }

    /// <summary>What the selectors of the query let through; null for everything.</summary>
    public static (Func<Entry, bool>? Match, bool Selective) Selection(Call call)
    {
        var labels = call.Query("labelSelector") is { } labelText ? LabelSelector.Parse(labelText) : null;
        var fields = call.Query("fieldSelector") is { } fieldText ? FieldSelector.Parse(fieldText, call.Kind) : null;
        return labels is null && fields is null
            ? (null, false)
            : (entry => labels?.Matches(entry.Labels) != false && fields?.Matches(entry) != false, true);
    }

    /// <summary>The snapshot to list, and the key to go on behind.</summary>
    private (long? Version, string? After) Where(Call call)
    {
        var version = call.QueryNumber("resourceVersion") ?? 0;
        var match = call.Query("resourceVersionMatch");
        if (call.Query("continue") is { } token)
        {
            return version != 0 || match is not null
                ? throw Refusal.BadRequest("specifying resource version is not allowed when using continue")
                : ParseToken(token);
        }

        if (match is not (null or "Exact" or "NotOlderThan"))
        {
            throw Refusal.BadValue("resourceVersionMatch", match, "Exact or NotOlderThan");
        }

        if (match is not null && call.Query("resourceVersion") is null)
        {
            throw Refusal.BadRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (version > store.Version)
        {
            throw Refusal.VersionTooLarge(version, store.Version);
        }

        return match == "Exact"
            ? version == 0 ? throw Refusal.BadRequest("resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"") : (version, null)
            : (null, null);
    }

    private static string Token(long version, string key) =>
        Base64Url.EncodeToString(JsonText.Write(new JsonObject { ["rv"] = version, ["start"] = key }));

    private static (long?, string?) ParseToken(string token)
    {
        try
        {
            var value = JsonText.TryParse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)));
            if (value.Number("rv") is { } version && value.Text("start") is { } key)
            {
                return (version, key);
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw Refusal.BadRequest("continue key is not valid: it must be the one of the list's last part");
    }
}
