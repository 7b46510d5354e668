using System.Net;

namespace Fury.Host.Tests;

public sealed class WebFilesTests(HostWithWeb host) : IClassFixture<HostWithWeb>
{
    [Theory]
    [InlineData("/", null)]
    [InlineData("/applications/hello", "text/html")]
    [InlineData("/deployments/01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d?tab=events", "text/html,application/xhtml+xml;q=0.9")]
    public async Task Whatever_page_a_browser_opens_it_gets_the_one_page_that_is_never_kept(string path, string? accept)
    {
        using var page = await Get(path, accept);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-cache", page.Headers.CacheControl?.ToString());
        Assert.Contains("script-src 'self';", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task An_asset_is_kept_for_ever_and_comes_packed_to_whoever_unpacks_it()
    {
        using var plain = await Get("/assets/a-1.js", null);
        using var packed = await Get("/assets/a-1.js", null, "gzip, br");
        using var same = await Get("/assets/a-1.js", null, tag: plain.Headers.ETag!.ToString());

        Assert.Contains("max-age=31536000", plain.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.Contains("immutable", plain.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.Equal("text/javascript", plain.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("plain", "packed"), (await plain.Content.ReadAsStringAsync(), await packed.Content.ReadAsStringAsync()));
        Assert.Equal(["br"], packed.Content.Headers.ContentEncoding);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/nowhere", "text/html")]
    [InlineData("/nowhere", null)]
    [InlineData("/assets/gone.js", "text/html")]
    [InlineData("/..%2fsecret.txt", "text/html")]
    [InlineData("/assets/..%2f..%2fsecret.txt", null)]
    public async Task What_is_neither_a_page_nor_a_file_is_not_found(string path, string? accept)
    {
        using var answer = await Get(path, accept);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> Get(string path, string? accept, string? encoding = null, string? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in new[] { ("Accept", accept), ("Accept-Encoding", encoding), ("If-None-Match", tag) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return host.Client.SendAsync(request);
    }
}

public sealed class WithoutWebTests(OpenHostWithoutWeb host) : IClassFixture<OpenHostWithoutWeb>
{
    [Fact]
    public async Task The_start_says_how_the_web_interface_is_built()
    {
        Assert.Contains("./dev up", await host.Client.GetStringAsync("/"), StringComparison.Ordinal);
        using var about = await host.Client.GetAsync("/api/v1/about");
        Assert.Equal(HttpStatusCode.OK, about.StatusCode);
    }
}

/// <summary>A host with a web interface of one page and one asset.</summary>
public sealed class HostWithWeb() : RunningHost("--Fury:Web:Folder", Made())
{
    private static string Made()
    {
        var folder = Directory.CreateTempSubdirectory("fury-web-").FullName;
        var web = Directory.CreateDirectory(Path.Combine(folder, "web", "assets")).Parent!.FullName;
        File.WriteAllText(Path.Combine(folder, "secret.txt"), "secret");
        File.WriteAllText(Path.Combine(web, "index.html"), "<!doctype html>");
        File.WriteAllText(Path.Combine(web, "assets", "a-1.js"), "plain");
        File.WriteAllText(Path.Combine(web, "assets", "a-1.js.br"), "packed");
        return web;
    }
}

public sealed class OpenHostWithoutWeb() : RunningHost("--Fury:Web:Folder", "/nowhere");
