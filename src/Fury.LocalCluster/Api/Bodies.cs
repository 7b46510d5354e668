using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>Reads the bodies of requests: JSON, or YAML where it says so.</summary>
internal static class Bodies
{
    public const int BytesMax = 3 << 20;

    private const string Json = "application/json";
    private const string Yaml = "application/yaml";

    /// <summary>The media type without its parameters.</summary>
    public static string? TypeOf(HttpRequest request) => request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();

    public static async Task<byte[]> Bytes(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > BytesMax)
        {
            throw Refusal.TooLarge(BytesMax);
        }

        using var buffer = new MemoryStream((int)(request.ContentLength ?? 4096));
        var chunk = new byte[16 * 1024];
        int count;
        while ((count = await request.Body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (buffer.Length + count > BytesMax)
            {
                throw Refusal.TooLarge(BytesMax);
            }

            buffer.Write(chunk, 0, count);
        }

        return buffer.ToArray();
    }

    /// <summary>An object of the kind that is served at the address, as its stored form.</summary>
    public static async Task<JsonObject> Object(Call call)
    {
        var value = await Object(call.Http.Request, call.Cancelled);
        return ToStored(call.Served, call.Namespace, value);
    }

    /// <summary>Any object.</summary>
    public static async Task<JsonObject> Object(HttpRequest request, CancellationToken cancellation) => TypeOf(request) switch
    {
        null or Json => ParseJson(await Bytes(request, cancellation)),
        Yaml => YamlText.Parse(await Bytes(request, cancellation)),
        var other => throw Refusal.UnsupportedMediaType(other, $"{Json}, {Yaml}"),
    };

    public static JsonObject ParseJson(byte[] json)
    {
        try
        {
            return JsonText.Parse(json);
        }
        catch (JsonException bad)
        {
            throw Refusal.BadRequest($"the body of the request is no JSON object: {bad.Message}");
        }
    }

    /// <summary>Checks that the object is what the address says, and takes that off.</summary>
    public static JsonObject ToStored(Served served, string? ns, JsonObject value)
    {
        if (value.Node("kind") is { } kind && kind.Text() != served.Kind.Name)
        {
            throw Refusal.BadRequest($"kind: Invalid value: \"{kind.Scalar()}\": must be {served.Kind.Name}");
        }

        if (value.Node("apiVersion") is { } version && version.Text() != served.ApiVersion)
        {
            throw Refusal.BadRequest(
                $"the API version in the data ({version.Scalar()}) does not match the expected API version ({served.ApiVersion})");
        }

        foreach (var name in (string[])["metadata", "spec", "status"])
        {
            if (value[name] is not (null or JsonObject))
            {
                throw Refusal.BadRequest($"{name}: Invalid value: \"{value[name].Scalar() ?? "a list"}\": must be an object");
            }
        }

        var metadata = value.Child("metadata");
        if (metadata.Text("namespace") is { Length: > 0 } given && given != ns)
        {
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        value.Remove("kind");
        value.Remove("apiVersion");
        served.Version.ToStored?.Invoke(value);
        return value;
    }
}
