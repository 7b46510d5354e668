using System.Formats.Tar;
using System.Net;
using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Hosting;

namespace Fury.Catalog.Tests.Api;

/// <summary>What agents of instances fetch, and nobody else.</summary>
public sealed class AgentArtifactTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    private const string Lot = "lot-1";

    [Fact]
    public async Task A_kept_artifact_is_sent_as_the_tree_that_its_digest_is_of()
    {
        var digest = await Kept("sent-shop");

        using var answer = await Ask(digest, catalog.Get<AgentKey>().SecretOf(Lot));

        Assert.Equal((HttpStatusCode.OK, "application/x-tar"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var copy = Directory.CreateDirectory(Path.Combine(catalog.Folder, "copy")).FullName;
        await TarFile.ExtractToDirectoryAsync(await answer.Content.ReadAsStreamAsync(), copy, overwriteFiles: false);
        var tree = ArtifactTree.Read(copy, null, ArtifactLimits.Default);
        Assert.Equal(digest, $"sha256:{(await ArtifactCopy.Digest(tree.Value, ArtifactLimits.Default, default)).Value}");
    }

    [Fact]
    public async Task Only_a_lot_is_answered_and_only_with_what_is_kept()
    {
        var digest = await Kept("guarded-shop");
        var secret = catalog.Get<AgentKey>().SecretOf(Lot);

        using var unsigned = await catalog.Client.GetAsync($"agents/artifacts/{digest}");
        using var other = await Ask(digest, catalog.Get<AgentKey>().SecretOf("lot-2"));
        using var unknown = await Ask("sha256:" + new string('0', 64), secret);
        using var odd = await Ask("..", secret);
        using var stray = await Ask("sha256-" + digest[7..], secret);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (unsigned.StatusCode, other.StatusCode));
        Assert.Equal(AgentSignature.Header, unsigned.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("application/problem+json", unsigned.Content.Headers.ContentType?.MediaType);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.StatusCode, odd.StatusCode, stray.StatusCode));
    }

    private async Task<string> Kept(string application)
    {
        using var _ = await catalog.Put($"applications/{application}", new { team = "core" });
        var folder = catalog.ArtifactFolder(application, $"#!/bin/sh\necho {application}\n");
        Directory.CreateDirectory(Path.Combine(folder, "data", "empty"));
        await File.WriteAllTextAsync(Path.Combine(folder, "data", new string('n', 200)), application);
        await File.WriteAllTextAsync(Path.Combine(folder, "nothing"), "");
        if (!File.Exists(Path.Combine(folder, "again")))
        {
            File.CreateSymbolicLink(Path.Combine(folder, "again"), "hello");
        }

        using var created = await catalog.Put($"applications/{application}/versions/1.0.0", new { artifact = new { path = folder, command = "hello" } });
        return (await CatalogFixture.Json(created)).GetProperty("artifact").GetProperty("digest").GetString()!;
    }

    private async Task<HttpResponseMessage> Ask(string digest, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(catalog.Client.BaseAddress!, $"agents/artifacts/{digest}"));
        AgentSignature.Add(request, secret, Lot, default, TimeProvider.System.GetUtcNow());
        return await catalog.Client.SendAsync(request);
    }
}
