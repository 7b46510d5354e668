using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Artifacts;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Agent.Tests;

/// <summary>The distribution API over images in memory, with tokens for anybody.</summary>
internal sealed class FakeRegistry
{
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Layer = "application/vnd.oci.image.layer.v1.tar+gzip";

    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, string> _types = new();

    /// <summary>What is sent instead of a blob, by its digest.</summary>
    public ConcurrentDictionary<string, byte[]> Instead { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public string Repository { get; } = "team/app";

    /// <summary>Keeps an image for this machine, in an index with one for another; returns the digest of the index, and those of the layers.</summary>
    public (string Digest, IReadOnlyList<string> Layers) Push(object config, params byte[][] layers)
    {
        var here = Word.Of(Executable.Here!.Value);
        var digests = layers.Select(layer => Keep(layer, Layer)).ToList();
        var image = Keep(JsonSerializer.SerializeToUtf8Bytes(new { architecture = here, os = "linux", config }), "application/vnd.oci.image.config.v1+json");
        var manifest = Keep(
            JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, mediaType = Manifest, config = Describe(image), layers = digests.Select(Describe) }),
            Manifest);
        var other = Describe(Keep("{}"u8.ToArray(), Manifest));
        other["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "s390x" };
        var own = Describe(manifest);
        own["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = here };
        return (Keep(JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, mediaType = Index, manifests = new[] { other, own } }), Index), digests);
    }

    public async Task Answer(HttpContext context, Uri address)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue(path);
        if (path == "/token")
        {
            await context.Response.WriteAsJsonAsync(new { token = $"for {context.Request.Query["scope"]}" });
        }
        else if (context.Request.Headers.Authorization != $"Bearer for repository:{Repository}:pull")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{new Uri(address, "token")}\",service=\"fake\",scope=\"repository:{Repository}:pull\"";
        }
        else if (path.StartsWith($"/v2/{Repository}/", StringComparison.Ordinal)
            && path.Split('/')[^1] is var digest && _blobs.TryGetValue(digest, out var blob))
        {
            context.Response.ContentType = _types[digest];
            await Results.File(Instead.GetValueOrDefault(digest, blob), _types[digest], enableRangeProcessing: true).ExecuteAsync(context);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private string Keep(byte[] bytes, string type)
    {
        var digest = Tars.Digest(bytes);
        (_blobs[digest], _types[digest]) = (bytes, type);
        return digest;
    }

    private JsonObject Describe(string digest) =>
        new() { ["mediaType"] = _types[digest], ["digest"] = digest, ["size"] = _blobs[digest].Length };
}
