using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Fury.Sdk.Tests.Fakes;
using Fury.Testing.Clouds.Gcp;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Fury.Sdk.Tests.Gcs;

/// <summary>A fake of Google Cloud Storage: the JSON API of objects, and reading and writing one by the XML API. Not Cloud Storage itself.</summary>
public sealed class FakeCloudStorage : FakeGoogleService
{
    /// <summary>Small, and always allowed: who asks for more gets fewer.</summary>
    private const int PageMax = 7;

    private const string Condition = "ifGenerationMatch";

    private readonly ConcurrentDictionary<string, FakeBucket> _buckets = new();

    /// <summary>Makes the bucket, or finds it made.</summary>
    public void Make(string bucket) => _buckets.TryAdd(bucket, new FakeBucket(bucket));

    /// <summary>All that is there, parts of uploads too.</summary>
    public IReadOnlyList<string> Names(string bucket) => _buckets[bucket].Names;

    protected override async Task<JsonObject?> Call(HttpContext context, string[] path)
    {
        var method = context.Request.Method;
        switch (method, path)
        {
            case ("POST", ["upload", "storage", "v1", "b", var bucket, "o"]):
                var (resource, content) = await Upload(context);
                return Bucket(bucket).Put(resource, content, Query(context, "uploadType", Condition)(Condition)).Json();
            case ("GET", ["storage", "v1", "b", var bucket, "o"]):
                var list = Query(context, "prefix", "delimiter", "startOffset", "maxResults", "pageToken");
                var most = int.Parse(list("maxResults") ?? "1000", CultureInfo.InvariantCulture);
                return Bucket(bucket).List(
                    list("prefix") ?? "",
                    list("delimiter") ?? "",
                    list("startOffset") ?? "",
                    list("pageToken") is { } token ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : null,
                    Math.Min(most, PageMax));
            case ("GET", ["storage", "v1", "b", var bucket, "o", var name]):
                Query(context);
                return Bucket(bucket).Get(name).Json();
            case ("DELETE", ["storage", "v1", "b", var bucket, "o", var name]):
                Bucket(bucket).Delete(name, Query(context, Condition)(Condition));
                return null;
            case ("POST", ["storage", "v1", "b", var bucket, "o", var name, "compose"]):
                var compose = Known(await Body(context.Request), "sourceObjects", "destination");
                return Bucket(bucket).Compose(
                    name, compose["sourceObjects"]!.AsArray(), compose["destination"]!.AsObject(), Query(context, Condition)(Condition)).Json();
            case ("POST", ["storage", "v1", "b", var bucket, "o", var source, "rewriteTo", "b", var other, "o", var target]) when bucket == other:
                var rewrite = Query(context, Condition, "rewriteToken");
                var (done, next) = Bucket(bucket).Rewrite(source, target, rewrite("rewriteToken"), rewrite(Condition));
                return done is null
                    ? new JsonObject { ["kind"] = "storage#rewriteResponse", ["done"] = false, ["rewriteToken"] = next }
                    : new JsonObject { ["kind"] = "storage#rewriteResponse", ["done"] = true, ["resource"] = done.Json() };
            default:
                throw new GoogleError(404, "Not Found", "notFound");
        }
    }

    protected override async Task<bool> AnswerOtherwise(HttpContext context)
    {
        if (Segments(context) is ["storage" or "upload", ..])
        {
            return false;
        }

        var bucket = Segments(context)[0];
        var raw = RawPath(context)[1..];
        var name = Uri.UnescapeDataString(raw[(raw.IndexOf('/') + 1)..]);
        var signed = FakeSignature.Of(context, RawPath(context));
        if (signed is null)
        {
            Identity.Check(context.Request);
        }

        var found = _buckets.GetValueOrDefault(bucket);
        await (signed?.WhyNot(Identity) is { } why ? FakeXml.Refuse(context, 403, why)
            : found is null ? FakeXml.Refuse(context, 404, "NoSuchBucket")
            : context.Request.Method switch
            {
                "GET" => FakeXml.Get(context, found.Find(name)),
                "PUT" => FakeXml.Put(context, found, name),
                _ => FakeXml.Refuse(context, 405, "MethodNotAllowed"),
            });
        return true;
    }

    private FakeBucket Bucket(string name) =>
        _buckets.GetValueOrDefault(name) ?? throw new GoogleError(404, "The specified bucket does not exist.", "notFound");

    /// <summary>A resource and its bytes, as <c>multipart/related</c> (RFC 2387).</summary>
    private static async Task<(JsonObject Resource, byte[] Content)> Upload(HttpContext context)
    {
        if (Query(context, "uploadType", Condition)("uploadType") != "multipart"
            || !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.MediaType != "multipart/related")
        {
            throw new GoogleError(400, "This fake takes uploads of the type 'multipart' only.", "invalidParameter");
        }

        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        var (first, second) = (await Section(await reader.ReadNextSectionAsync()), await Section(await reader.ReadNextSectionAsync()));
        return first.Type.StartsWith("application/json", StringComparison.Ordinal) && await reader.ReadNextSectionAsync() is null
            ? (JsonNode.Parse(first.Body)!.AsObject(), second.Body)
            : throw new GoogleError(400, "Malformed multipart body.", "badContent");
    }

    private static async Task<(string Type, byte[] Body)> Section(MultipartSection? section)
    {
        if (section is null)
        {
            throw new GoogleError(400, "Malformed multipart body.", "badContent");
        }

        using var body = new MemoryStream();
        await section.Body.CopyToAsync(body);
        return (section.ContentType ?? "", body.ToArray());
    }
}
