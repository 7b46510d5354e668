using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Fury.Catalog.Secrets;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Secrets;

/// <summary>What people write, instances read, and nobody else sees.</summary>
public sealed class SecretTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    private const string Canary = "canary-7731-é";

    [Fact]
    public async Task A_secret_is_made_changed_listed_without_its_value_and_forgotten()
    {
        var scope = await Scope("kept");
        var path = Path(scope);

        Assert.Equal((HttpStatusCode.Created, 1), await Set(path, "DB_PASSWORD", Canary));
        Assert.Equal((HttpStatusCode.OK, 2), await Set(path, "DB_PASSWORD", Canary));
        Assert.Equal((HttpStatusCode.Created, 1), await Set(path, "API_KEY", "other"));
        using var first = await catalog.Client.GetAsync($"{path}?limit=1");
        using var second = await catalog.Client.GetAsync($"{path}?limit=1&after=API_KEY");
        var text = await second.Content.ReadAsStringAsync();
        var item = (await CatalogFixture.Json(second)).GetProperty("items")[0];
        Assert.Equal("API_KEY", (await CatalogFixture.Json(first)).GetProperty("next").GetString());
        Assert.Equal(["name", "version", "changedAt", "changedBy"], item.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ("DB_PASSWORD", 2, "ana"),
            (item.GetProperty("name").GetString(), item.GetProperty("version").GetInt32(), item.GetProperty("changedBy").GetString()));
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);

        using var removed = await catalog.Client.DeleteAsync($"{path}/DB_PASSWORD");
        using var again = await catalog.Client.DeleteAsync($"{path}/DB_PASSWORD");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (removed.StatusCode, again.StatusCode));
        Assert.Equal(HttpStatusCode.NotFound, (await Read(scope, "DB_PASSWORD")).Status);
        // No version is ever two values.
        Assert.Equal((HttpStatusCode.Created, 3), await Set(path, "DB_PASSWORD", "new"));
    }

    [Fact]
    public async Task Instances_of_the_scope_read_it_and_nobody_on_the_way_keeps_it()
    {
        var (scope, others) = (await Scope("read"), await Scope("others"));
        await Set(Path(scope), "DB_PASSWORD", Canary);
        await Set(Path(scope), "API_KEY", "other");
        await Set(Path(others), "THEIRS", "x");

        using var answer = await Ask(catalog.Get<WorkloadIdentity>().TokenOf(scope), "/DB_PASSWORD");
        var secret = await CatalogFixture.Json(answer);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal(["name", "version", "value", "changedAt"], secret.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ("DB_PASSWORD", 1, Canary),
            (secret.GetProperty("name").GetString(), secret.GetProperty("version").GetInt32(), secret.GetProperty("value").GetString()));
        using var names = await Ask(catalog.Get<WorkloadIdentity>().TokenOf(scope), "");
        Assert.Equal("""["API_KEY","DB_PASSWORD"]""", await names.Content.ReadAsStringAsync());

        var (status, missing) = await Read(others, "DB_PASSWORD");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("There is no secret 'others/production-web/DB_PASSWORD'.", missing.GetProperty("title").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await Read(scope, "db-password")).Status);
        foreach (var wrong in new[] { null, "", "fw1.read.production-web.0", catalog.Get<WorkloadIdentity>().TokenOf(scope) + "0" })
        {
            using var refused = await Ask(wrong, "/DB_PASSWORD");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    [Fact]
    public async Task In_the_table_no_column_holds_the_value_and_the_same_value_is_sealed_otherwise_each_time()
    {
        var scope = await Scope("sealed");
        await Set(Path(scope), "ONE", Canary);
        await Set(Path(scope), "TWO", Canary);

        await using var connection = await catalog.Get<IDatabase>().Open(default);
        var rows = (await connection.QueryAsync("select * from catalog.secret where application = 'sealed' order by name"))
            .Cast<IDictionary<string, object>>().ToList();
        Assert.Equal(2, rows.Count);
        foreach (var column in rows.SelectMany(row => row))
        {
            var bytes = column.Value as byte[] ?? Encoding.UTF8.GetBytes($"{column.Value}");
            Assert.True(bytes.AsSpan().IndexOf("canary"u8) < 0, column.Key);
        }

        Assert.NotEqual((byte[])rows[0]["sealed"], (byte[])rows[1]["sealed"]);
    }

    [Theory]
    [InlineData("sealed = (select sealed from catalog.secret where application = 'moved' and name = 'OTHER')")]
    [InlineData("version = version + 1")]
    [InlineData("sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)")]
    [InlineData("sealed = ''")]
    public async Task A_row_that_somebody_has_changed_does_not_open(string change)
    {
        var scope = await Scope("moved");
        await Set(Path(scope), "ONE", Canary);
        await Set(Path(scope), "OTHER", "of-another");
        Assert.Equal(HttpStatusCode.OK, (await Read(scope, "ONE")).Status);
        await using (var connection = await catalog.Get<IDatabase>().Open(default))
        {
            Assert.Equal(1, await connection.ExecuteAsync($"update catalog.secret set {change} where application = 'moved' and name = 'ONE'"));
        }

        var (status, problem) = await Read(scope, "ONE");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.StartsWith(
            "The secret 'moved/production-web/ONE' was sealed with another key", problem.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Set(Path(scope), "ONE", Canary)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Read(scope, "ONE")).Status);
    }

    [Fact]
    public async Task Only_the_key_that_has_sealed_it_opens_it()
    {
        var secret = new SecretRef(ScopeRef.Parse("shop/production-web"), SecretName.Parse("DB_PASSWORD"));
        var (one, other) = (await Seal("one"), await Seal("other"));
        var done = one.Seal(secret, 1, Canary);

        Assert.True(one.TryOpen(secret, 1, done, out var value));
        Assert.Equal(Canary, value);
        Assert.False(other.TryOpen(secret, 1, done, out _));
        Assert.False(one.TryOpen(secret, 2, done, out _));
        Assert.False(one.TryOpen(secret with { Scope = ScopeRef.Parse("shop/test-web") }, 1, done, out _));
    }

    [Theory]
    [InlineData("DB_PASSWORD", "{}", "value")]
    [InlineData("DB_PASSWORD", """{"value":null}""", "value")]
    [InlineData("DB_PASSWORD", """{"value":""}""", "value")]
    [InlineData("DB_PASSWORD", """{"value":7731}""", "value")]
    [InlineData("DB_PASSWORD", """{"value":"canary","by":"a\nb"}""", "by")]
    [InlineData("DB_PASSWORD", """{"value":"canary","version":3}""", "version")]
    [InlineData("DB_PASSWORD", """{"value":"canary""", "body")]
    [InlineData("db-password", """{"value":"canary"}""", "secret")]
    [InlineData("2FA", """{"value":"canary"}""", "secret")]
    public async Task What_cannot_be_is_refused_and_a_value_is_not_repeated(string name, string body, string field)
    {
        var scope = await Scope("refused");
        using var answer = await catalog.Client.PutAsync($"{Path(scope)}/{name}", new StringContent(body, Encoding.UTF8, "application/json"));

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_has_32_KiB_at_most_however_it_is_written()
    {
        var scope = await Scope("large");
        var most = new string('\u0001', 32 * 1024);

        Assert.Equal((HttpStatusCode.Created, 1), await Set(Path(scope), "LARGE", most));
        Assert.Equal(most, (await Read(scope, "LARGE")).Body.GetProperty("value").GetString());
        using var refused = await catalog.Put($"{Path(scope)}/LARGE", new { value = new string('é', (16 * 1024) + 1) });
        var problem = await CatalogFixture.Json(refused);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("(32770 bytes)", problem.GetProperty("errors")[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_scope_has_a_hundred_also_when_many_are_made_at_once()
    {
        var scope = await Scope("full");
        var made = await Task.WhenAll(Enumerable.Range(0, 104).Select(number => Set(Path(scope), $"SECRET_{number}", "x")));

        Assert.Equal(100, made.Count(each => each.Status == HttpStatusCode.Created));
        Assert.Equal(4, made.Count(each => each.Status == HttpStatusCode.InsufficientStorage));
        using var names = await Ask(catalog.Get<WorkloadIdentity>().TokenOf(scope), "");
        Assert.Equal(100, (await CatalogFixture.Json(names)).GetArrayLength());
        using var refused = await catalog.Put($"{Path(scope)}/ONE_MORE", new { value = "x" });
        Assert.Equal(
            "Scope full/production-web has 100 secrets; remove some that are not needed.",
            (await CatalogFixture.Json(refused)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task Of_many_who_change_it_at_once_each_gets_a_version_of_its_own()
    {
        var scope = await Scope("raced");
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Set(Path(scope), "DB_PASSWORD", $"{number}")));

        Assert.Equal(Enumerable.Range(1, 16), made.Select(each => each.Version).Order());
        Assert.Single(made, each => each.Status == HttpStatusCode.Created);
    }

    [Fact]
    public async Task Without_its_scope_there_is_nothing()
    {
        const string Nowhere = "applications/nobodys/scopes/production-web/secrets";
        using var list = await catalog.Client.GetAsync(Nowhere);
        using var removed = await catalog.Client.DeleteAsync($"{Nowhere}/A");

        Assert.Equal(HttpStatusCode.NotFound, list.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, removed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Set(Nowhere, "A", "x")).Status);
    }

    private static string Path(ScopeRef scope) => $"applications/{scope.Application}/scopes/{scope.Scope}/secrets";

    private async Task<SecretSeal> Seal(string key)
    {
        var file = System.IO.Path.Combine(catalog.Folder, $"{key}.key");
        await File.WriteAllTextAsync(file, $"{key}-{new string('k', 32)}");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(new AgentKey(file, null!));
    }

    private async Task<ScopeRef> Scope(string application)
    {
        using var app = await catalog.Put($"applications/{application}", new { team = "core" });
        using var scope = await catalog.Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        return ScopeRef.Parse($"{application}/production-web");
    }

    private async Task<(HttpStatusCode Status, int Version)> Set(string path, string name, string value)
    {
        using var answer = await catalog.Put($"{path}/{name}", new { value, by = "ana" });
        return (answer.StatusCode, answer.IsSuccessStatusCode ? (await CatalogFixture.Json(answer)).GetProperty("version").GetInt32() : 0);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Read(ScopeRef scope, string name)
    {
        using var answer = await Ask(catalog.Get<WorkloadIdentity>().TokenOf(scope), $"/{name}");
        return (answer.StatusCode, await CatalogFixture.Json(answer));
    }

    private async Task<HttpResponseMessage> Ask(string? token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"runtime/secrets{path}")
        {
            Headers = { Authorization = token is null ? null : new("Bearer", token) },
        };
        return await catalog.Client.SendAsync(request);
    }
}
