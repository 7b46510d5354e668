using System.Net;
using System.Text.Json;

namespace Fury.Catalog.Tests.Api;

public sealed class PuttingTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Fact]
    public async Task An_application_is_created_once_repeated_and_changed_by_its_ETag()
    {
        using var created = await catalog.Put("applications/put-shop", new { team = "core" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("\"1\"", created.Headers.ETag?.Tag);
        Assert.Equal("/api/v1/applications/put-shop", created.Headers.Location?.ToString());

        using var repeated = await catalog.Put("applications/put-shop", new { team = "core", criticality = "low" });
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal(await created.Content.ReadAsStringAsync(), await repeated.Content.ReadAsStringAsync());

        using var blind = await catalog.Put("applications/put-shop", new { team = "other" });
        Assert.Equal(HttpStatusCode.PreconditionFailed, blind.StatusCode);
        Assert.Equal("\"1\"", (await CatalogFixture.Json(blind)).GetProperty("etag").GetString());

        using var changed = await catalog.Put("applications/put-shop", new { team = "other", criticality = "critical" }, "\"1\"");
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (changed.StatusCode, changed.Headers.ETag?.Tag));

        using var stale = await catalog.Put("applications/put-shop", new { team = "third" }, "\"1\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Contains("\"2\"", (await CatalogFixture.Json(stale)).GetProperty("title").GetString(), StringComparison.Ordinal);

        using var any = await catalog.Put("applications/put-shop", new { team = "third" }, "*");
        Assert.Equal((HttpStatusCode.OK, "\"3\""), (any.StatusCode, any.Headers.ETag?.Tag));

        using var read = await catalog.Client.GetAsync("applications/put-shop");
        Assert.Equal("\"3\"", read.Headers.ETag?.Tag);
        Assert.Equal("third", (await CatalogFixture.Json(read)).GetProperty("team").GetString());
    }

    [Fact]
    public async Task A_repeated_change_is_harmless_though_its_ETag_is_old()
    {
        using var created = await catalog.Put("applications/retry-shop", new { team = "core" });
        using var changed = await catalog.Put("applications/retry-shop", new { team = "other" }, "\"1\"");
        using var again = await catalog.Put("applications/retry-shop", new { team = "other" }, "\"1\"");

        Assert.Equal((HttpStatusCode.OK, "\"2\""), (again.StatusCode, again.Headers.ETag?.Tag));
    }

    [Fact]
    public async Task If_Match_creates_nothing_and_must_be_readable()
    {
        using var missing = await catalog.Put("applications/no-shop", new { team = "core" }, "\"1\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, missing.StatusCode);
        using var bare = await catalog.Put("applications/no-shop", new { team = "core" }, "1");
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        using var weak = await catalog.Put("applications/no-shop", new { team = "core" }, "W/\"1\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, weak.StatusCode);
        using var read = await catalog.Client.GetAsync("applications/no-shop");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task A_scope_has_its_defaults_and_is_changed_by_its_ETag()
    {
        using var _ = await catalog.Put("applications/scope-shop", new { team = "core" });
        using var created = await catalog.Put("applications/scope-shop/scopes/production-web", new { });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var scope = await CatalogFixture.Json(created);
        Assert.Equal(
            ("standard", "low", "web", 250, 256, 1, 1, "/health"),
            (Text("compute"), Text("criticality"), Text("workload"), scope.GetProperty("size").GetProperty("cpuMillis").GetInt32(),
                scope.GetProperty("size").GetProperty("memoryMiB").GetInt32(), scope.GetProperty("minReplicas").GetInt32(),
                scope.GetProperty("maxReplicas").GetInt32(), Text("healthPath")));

        using var same = await catalog.Put("applications/scope-shop/scopes/production-web", new { minReplicas = 1 });
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        using var blind = await catalog.Put("applications/scope-shop/scopes/production-web", new { minReplicas = 3 });
        Assert.Equal(HttpStatusCode.PreconditionFailed, blind.StatusCode);
        using var changed = await catalog.Put(
            "applications/scope-shop/scopes/production-web", new { minReplicas = 3, environment = new { B = "2", A = "1" } }, "\"1\"");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        scope = await CatalogFixture.Json(changed);
        Assert.Equal(3, scope.GetProperty("maxReplicas").GetInt32());
        using var repeated = await catalog.Put(
            "applications/scope-shop/scopes/production-web", new { minReplicas = 3, environment = new { A = "1", B = "2" } });
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (repeated.StatusCode, repeated.Headers.ETag?.Tag));

        string? Text(string name) => scope.GetProperty(name).GetString();
    }

    [Fact]
    public async Task What_is_missing_is_named()
    {
        using var _ = await catalog.Put("applications/known-shop", new { team = "core" });
        foreach (var (path, named) in new[]
        {
            ("applications/unknown/scopes/test-web", "application 'unknown'"),
            ("applications/unknown/scopes", "application 'unknown'"),
            ("applications/unknown/versions", "application 'unknown'"),
            ("applications/unknown/versions/1.0.0", "application 'unknown'"),
            ("applications/known-shop/scopes/test-web", "scope 'known-shop/test-web'"),
            ("applications/known-shop/scopes/test-web/releases", "scope 'known-shop/test-web'"),
            ("applications/known-shop/versions/1.0.0", "version '1.0.0'"),
            ("releases/0123456789abcdef", "release '0123456789abcdef'"),
        })
        {
            using var answer = await catalog.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains(named, (await CatalogFixture.Json(answer)).GetProperty("title").GetString(), StringComparison.Ordinal);
        }

        using var put = await catalog.Put("applications/unknown/scopes/test-web", new { });
        Assert.Equal(HttpStatusCode.NotFound, put.StatusCode);
        using var version = await catalog.Put("applications/unknown/versions/1.0.0", new
        {
            artifact = new { path = catalog.ArtifactFolder("unknown"), command = "hello" },
        });
        Assert.Equal(HttpStatusCode.NotFound, version.StatusCode);
    }

    [Fact]
    public async Task Fifty_identical_creates_at_once_get_one_answer()
    {
        var artifact = new { artifact = new { path = catalog.ArtifactFolder("fifty"), command = "hello" } };
        await OneAnswer("applications/fifty", new { team = "core" });
        await OneAnswer("applications/fifty/scopes/test-web", new { environment = new { A = "1" } });
        await OneAnswer("applications/fifty/versions/1.0.0", artifact);
    }

    [Fact]
    public async Task Fifty_different_creates_at_once_have_one_winner()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(index =>
            catalog.Put("applications/race", new { team = $"team {index}" })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(49, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Of_fifty_changes_of_one_revision_one_wins()
    {
        using var _ = await catalog.Put("applications/race-change", new { team = "core" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(index =>
            catalog.Put("applications/race-change", new { team = $"team {index}" }, "\"1\"")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        using var read = await catalog.Client.GetAsync("applications/race-change");
        Assert.Equal("\"2\"", read.Headers.ETag?.Tag);
    }

    private async Task OneAnswer(string path, object body)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => catalog.Put(path, body)));
        var bodies = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()));
        Assert.True(answers.All(answer => answer.IsSuccessStatusCode), string.Join('\n', bodies.Distinct()));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Single(bodies.Distinct());
        Assert.NotEqual(JsonValueKind.Undefined, JsonDocument.Parse(bodies[0]).RootElement.ValueKind);
    }

    [Fact]
    public async Task Scaling_is_kept_repeated_listed_and_taken_off()
    {
        using var _ = await catalog.Put("applications/scaled-shop", new { team = "core" });
        var scaling = new { schedules = new[] { new { cron = "0 8 * * 1-5", timeZone = "America/Sao_Paulo", minReplicas = 4 } }, sleepAfterSeconds = 600 };
        using var plain = await catalog.Put("applications/scaled-shop/scopes/production-web", new { });
        using var created = await catalog.Put("applications/scaled-shop/scopes/test-web", new { maxReplicas = 6, scaling });
        using var repeated = await catalog.Put("applications/scaled-shop/scopes/test-web", new { maxReplicas = 6, scaling });
        var listed = await Scaled(catalog, null);
        var later = await Scaled(catalog, listed[^1].Ref);
        using var off = await catalog.Put("applications/scaled-shop/scopes/test-web", new { maxReplicas = 6, scaling = new { } }, "\"1\"");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (created.StatusCode, repeated.StatusCode));
        Assert.Equal("\"1\"", repeated.Headers.ETag?.Tag);
        Assert.Equal(
            """{"schedules":[{"cron":"0 8 * * 1-5","timeZone":"America/Sao_Paulo","minReplicas":4}],"sleepAfterSeconds":600}""",
            (await CatalogFixture.Json(created)).GetProperty("scaling").GetRawText());
        var one = Assert.Single(listed, scope => scope.Ref.Application.Value == "scaled-shop");
        Assert.Equal(("scaled-shop/test-web", 600), (one.Ref.ToString(), one.Scaling?.SleepAfterSeconds));
        Assert.Empty(later);
        Assert.False((await CatalogFixture.Json(off)).TryGetProperty("scaling", out var gone) && gone.ValueKind != JsonValueKind.Null);
        Assert.DoesNotContain(await Scaled(catalog, null), scope => scope.Ref.Application.Value == "scaled-shop");
    }

    private static Task<IReadOnlyList<Contracts.Scope>> Scaled(CatalogFixture catalog, Kernel.ScopeRef? after) =>
        catalog.Get<Contracts.ICatalog>().Scaled(after, 100, default);
}
