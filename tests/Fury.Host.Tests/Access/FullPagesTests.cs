using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Fury.Hosting;

namespace Fury.Host.Tests.Access;

/// <summary>Lists of which most is not for the caller: pages are full all the same, and hold each thing that it may see once.</summary>
public sealed class FullPagesTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    private const int Limit = 7;

    private const string CatalogSql = """
        insert into catalog.application (name, team, criticality, revision, created_at)
        select 'paged-' || number, case when number % 15 = 3 then 'crimson' else 'azure' end, 'low', 1, now() from generate_series(1, 60) as number;

        insert into catalog.scope (
            application, name, compute, criticality, workload, cpu_millis, memory_mib, min_replicas, max_replicas, environment, health_path, revision,
            created_at)
        select 'paged-' || number, scope, 'standard', case when scope = 'test-web' and number % 20 = 5 then 'critical' else 'low' end, 'web', 100, 64, 1, 1,
               '{}', '/health', 1, now()
          from generate_series(1, 60) as number, unnest(array['test-web', 'test-batch']) as scope;
        """;

    private const string DeploymentsSql = """
        insert into deployments.deployment (id, application, scope, shard, strategy, phase, release, revision, state, created_at, ended_at)
        select id, application, scope, 0, 'all-in', 'done', 'r', 5,
               jsonb_build_object(
                   'id', id, 'scope', jsonb_build_object('application', application, 'scope', scope),
                   'strategy', 'all-in', 'to', '0000000000000001', 'version', '1.0.0', 'candidatePool', id,
                   'createdAt', now(), 'endedAt', now(), 'phase', 'done',
                   'policy', '{"provisionSeconds": 1, "convergeSeconds": 1, "judgeSeconds": 0, "bakeSeconds": 0, "drainSeconds": 0, "maxErrorPercent": 1,
                               "minRequests": 1, "maxRestarts": 0}'::jsonb),
               now(), now()
          from (select (lpad(to_hex(number), 12, '0') || '70008000' || lpad(to_hex(number), 12, '0'))::uuid as id,
                       'paged-' || 1 + number * 7 % 60 as application,
                       case when number / 60 % 2 = 0 then 'test-web' else 'test-batch' end as scope
                  from generate_series(1, 1200) as number) as made;
        """;

    [Fact]
    public async Task Pages_are_full_and_all_of_them_are_what_one_may_see_once_each()
    {
        await using (var connection = await host.Get<IDatabase>().Source.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(CatalogSql + DeploymentsSql);
        }

        foreach (var (on, seen) in new[]
        {
            ("team:crimson", "application in (select name from catalog.application where team = 'crimson')"),
            ("application:paged-9", "application = 'paged-9'"),
            ("criticality:critical", "(application, scope) in (select application, name from catalog.scope where criticality = 'critical')"),
            ("organisation", "true"),
        })
        {
            var expected = await Read($"select id::text from deployments.deployment where {seen} order by id desc");
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await Walk(await Token($"paged-{on.Replace(':', '-')}", on), "deployments", "id"));
        }

        var crimson = await Token("paged-searcher", "team:crimson");
        var names = await Read("select name from catalog.application where team = 'crimson' order by name");
        Assert.Equal(names, await Walk(crimson, "applications", "name", 3));
        Assert.Equal(names, await Walk(crimson, "applications", "name", 3, "&search=crim"));
        Assert.Equal(names.Order(StringComparer.Ordinal), await Walk(crimson, "applications", "name", 1, "&search=paged"));
        // Those that begin so come first, and a page may hold the last of them and the first of the others.
        var everybody = await Token("paged-everybody", "organisation");
        Assert.Equal(
            await Read("select name from catalog.application where strpos(name, 'paged-1') > 0 order by name"),
            await Walk(everybody, "applications", "name", 4, "&search=paged-1"));
        await Make("aged-then", "yellow");
        Assert.Equal(
            await Read("select name from catalog.application where strpos(name, 'aged') > 0 order by not starts_with(name, 'aged'), name"),
            await Walk(everybody, "applications", "name", 4, "&search=aged"));
    }

    private async Task<List<string>> Walk(string token, string list, string key, int limit = Limit, string more = "")
    {
        List<string> walked = [];
        string? after = null;
        do
        {
            using var answer = await Send("GET", $"api/v1/{list}?limit={limit}{more}{(after is null ? "" : $"&after={after}")}", token);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
            var items = page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(key).GetString()!).ToList();
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
            Assert.True(after is null || items.Count == limit, $"A page of {list} has {items.Count} of {limit}, and there are more.");
            walked.AddRange(items);
        }
        while (after is not null);
        return walked;
    }

    private async Task<List<string>> Read(string sql)
    {
        await using var connection = await host.Get<IDatabase>().Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(sql)];
    }

    private async Task Make(string application, string team)
    {
        using var answer = await Send("PUT", $"api/v1/applications/{application}", GuardedHost.Token, new { team });
        answer.EnsureSuccessStatusCode();
    }

    private async Task<string> Token(string name, string on)
    {
        using var answer = await Send("POST", "api/v1/tokens", GuardedHost.Token, new { name, role = "viewer", on });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    private Task<HttpResponseMessage> Send(string method, string path, string token, object? body = null) => host.Client.SendAsync(new(new(method), path)
    {
        Content = body is null ? null : JsonContent.Create(body, body.GetType()),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    });
}
