using System.Net;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Api;

public sealed class PagingTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    /// <summary>Pages of any size, while names are added in between: every name that was there from the start comes once, in order.</summary>
    [Fact]
    public async Task Pages_of_any_size_hold_every_name_once_and_in_order()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        var names = Enumerable.Range(0, 60).Select(_ => AnyName(random)).Distinct().ToList();
        await Task.WhenAll(names.Select(name => catalog.Put($"applications/{name}", new { team = "core" })));
        foreach (var limit in new[] { 1, 7, 59, 60, 500 })
        {
            var added = AnyName(random) + "-new";
            var seen = new List<string>();
            string? after = null;
            do
            {
                var page = await CatalogFixture.Json(await catalog.Client.GetAsync(
                    $"applications?limit={limit}{(after is null ? "" : $"&after={after}")}"));
                seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
                after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
                using var put = await catalog.Put($"applications/{added}", new { team = "core" });
            }
            while (after is not null);

            Assert.True(seen.SequenceEqual(seen.Distinct().Order(StringComparer.Ordinal)), $"order, seed {Seed}, limit {limit}");
            Assert.True(names.All(seen.Contains), $"all there, seed {Seed}, limit {limit}");
        }
    }

    [Fact]
    public async Task A_search_finds_parts_of_names_and_teams_those_that_begin_so_first_page_by_page()
    {
        foreach (var (name, team) in new[] { ("zz-find-b", "core"), ("find-me", "core"), ("find-a", "core"), ("other-one", "Finders"), ("hidden", "core") })
        {
            using var put = await catalog.Put($"applications/{name}", new { team });
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await CatalogFixture.Json(await catalog.Client.GetAsync(
                $"applications?search=FIND&limit=1{(after is null ? "" : $"&after={after}")}"));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        using var refused = await catalog.Client.GetAsync($"applications?search={new string('a', 101)}");

        Assert.Equal(["find-a", "find-me", "other-one", "zz-find-b"], seen);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Versions_come_highest_first_page_by_page()
    {
        using var _ = await catalog.Put("applications/page-shop", new { team = "core" });
        var folder = catalog.ArtifactFolder("page-shop");
        string[] versions = ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0", "2.0.0-rc.10", "2.0.0-rc.9"];
        await Task.WhenAll(versions.Select(version =>
            catalog.Put($"applications/page-shop/versions/{version}", new { artifact = new { path = folder, command = "hello" } })));

        var first = await CatalogFixture.Json(await catalog.Client.GetAsync("applications/page-shop/versions?limit=3"));
        var rest = await CatalogFixture.Json(await catalog.Client.GetAsync($"applications/page-shop/versions?after={first.GetProperty("next")}"));

        Assert.Equal(
            ["2.0.0", "2.0.0-rc.10", "2.0.0-rc.9", "2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0"],
            first.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray())
                .Select(item => item.GetProperty("version").GetString()));
        Assert.False(rest.TryGetProperty("next", out var _));
    }

    [Fact]
    public async Task Scopes_come_in_the_order_of_names()
    {
        using var _ = await catalog.Put("applications/scopes-shop", new { team = "core" });
        foreach (var scope in new[] { "test-web", "production-web", "production-a1" })
        {
            using var put = await catalog.Put($"applications/scopes-shop/scopes/{scope}", new { });
        }

        var page = await CatalogFixture.Json(await catalog.Client.GetAsync("applications/scopes-shop/scopes?limit=2"));

        Assert.Equal(["production-a1", "production-web"],
            page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("ref").GetProperty("scope").GetString()));
        Assert.Equal("production-web", page.GetProperty("next").GetString());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=abc", "limit")]
    [InlineData("after=No%00Name", "after")]
    public async Task A_bad_page_is_refused(string query, string field)
    {
        foreach (var list in new[] { "applications", "applications/x1/scopes", "applications/x1/versions", "applications/x1/scopes/test-web/releases" })
        {
            using var answer = await catalog.Client.GetAsync($"{list}?{query}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(field, Assert.Single((await CatalogFixture.Json(answer)).GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        }
    }

    private static string AnyName(Random random)
    {
        const string Letters = "ab-z09";
        var name = "p" + string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Letters[random.Next(Letters.Length)])) + "e";
        return ApplicationName.Parse(name).Value;
    }
}
