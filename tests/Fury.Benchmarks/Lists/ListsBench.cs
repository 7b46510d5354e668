using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Fury.Benchmarks.Monster;
using Fury.Testing;
using Npgsql;

namespace Fury.Benchmarks.Lists;

/// <summary>
/// The lists of the real host over HTTP, 200 requests/s in an open loop, by a token that sees 3 of 300 teams (and, where a list is for operators only, by one
/// of an operator): first pages, pages in the middle, and names typed letter by letter. Baselines of the same run: <c>/healthz/live</c>, and the bare query of
/// the first list.
/// </summary>
internal static class ListsBench
{
    private const int PerSecond = 200;
    private const int Seed = 7;
    private const int NamesTyped = 200;
    private const string Bootstrap = "0123456789abcdef0123456789abcdef";

    private static readonly TimeSpan PagesFor = TimeSpan.FromSeconds(10);

    /// <param name="Page">Without <c>after</c>; <c>{app}</c> is an application that the caller sees.</param>
    /// <param name="MiddleSql">Finds the key in the middle of the list; null where a list fits on a page.</param>
    private sealed record Listed(string Name, string Page, string? MiddleSql, bool IsOfOperators = false)
    {
        public string At(string application, string? after) =>
            Page.Replace("{app}", application, StringComparison.Ordinal) + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
    }

    private static readonly Listed[] Lists =
    [
        new("applications", "/api/v1/applications?limit=50",
            "select name from catalog.application order by name offset (select count(*) / 2 from catalog.application) limit 1"),
        new("deployments", "/api/v1/deployments?limit=50",
            "select id::text from deployments.deployment order by id offset (select count(*) / 2 from deployments.deployment) limit 1"),
        new("in_progress", "/api/v1/deployments?limit=50&ended=false", null),
        new("scopes", "/api/v1/applications/{app}/scopes?limit=50", null),
        new("deployments_of_scope", "/api/v1/applications/{app}/scopes/production-web/deployments?limit=50", null),
        new("replicas", "/api/v1/mesh/routes?limit=50",
            "select scope from mesh.routing_table order by scope offset (select count(*) / 2 from mesh.routing_table) limit 1", true),
        new("audit", "/api/v1/audit?limit=50", "select (max(seq) / 2)::text from access.audit", true),
        new("sagas", "/api/v1/sagas?limit=50", "select (max(id) / 2)::text from lm.done", true),
    ];

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        await using var server = await Cluster.Start(stop);
        var database = await server.CreateDatabase("lists", stop);
        await using var fury = await FuryProcess.Start(
            database.ConnectionString, $"--Fury:Auth:Token={Bootstrap}", "--Fury:Limits:PerSecond=100000", "--Fury:Limits:Burst=100000",
            "--Logging:LogLevel:Default=Warning");
        using var reader = await Caller(fury, "reader", "viewer", ["team:team-1", "team:team-2", "team:team-3"], stop);
        using var keeper = await Caller(fury, "keeper", "operator", ["organisation"], stop);
        Dictionary<string, double> figures = [];
        Dictionary<string, double> ratios = [];
        var filled = 0;
        foreach (var parts in new[] { 1, 2, 4 })
        {
            var clock = Stopwatch.StartNew();
            var wanted = ListsGround.Applications / 4 * parts;
            await ListsGround.Fill(database, filled, wanted, stop);
            filled = wanted;
            output.WriteLine($"  {filled:N0} applications on record after {clock.Elapsed.TotalSeconds:0} s");
            var isAll = filled == ListsGround.Applications;
            var first = await Pages(reader, keeper, database, false, output, isAll ? figures : null, stop);
            figures[$"first_page_p50_ms_{filled}"] = first.Percentile(0.5);
            figures[$"first_page_p99_ms_{filled}"] = first.Percentile(0.99);
            var search = await Search(reader, database, isAll ? NamesTyped : NamesTyped / 4, stop);
            figures[$"search_p99_ms_{filled}"] = search.Percentile(0.99);
            output.WriteLine($"  first pages p99 {first.Percentile(0.99):0.0} ms, search p99 {search.Percentile(0.99):0.0} ms");
            if (isAll)
            {
                (figures["first_page_p50_ms"], figures["first_page_p99_ms"]) = (first.Percentile(0.5), first.Percentile(0.99));
                (figures["search_p50_ms"], figures["search_p99_ms"]) = (search.Percentile(0.5), search.Percentile(0.99));
            }
        }

        await Counts(database, figures, stop);
        var middle = await Pages(reader, keeper, database, true, output, null, stop);
        figures["middle_page_p99_ms"] = middle.Percentile(0.99);
        var everything = await Search(keeper, database, NamesTyped / 4, stop);
        figures["search_all_p99_ms"] = everything.Percentile(0.99);
        await Baselines(fury, database, figures, ratios, stop);
        ratios["first_page_p50_4n_to_n"] = figures["first_page_p50_ms"] / figures[$"first_page_p50_ms_{ListsGround.Applications / 4}"];
        ratios["first_page_p50_to_live"] = figures["first_page_p50_ms"] / figures["live_p50_ms"];
        ratios["applications_p50_to_bare_sql"] = figures["applications_p50_ms"] / figures["bare_sql_p50_ms"];
        return new("lists", figures, ratios)
        {
            Targets = [Target.Max("first_page_p99_ms", 50), Target.Max("search_p99_ms", 100), Target.Max("middle_page_p99_ms", 50)],
        };
    }

    /// <param name="figures">Of each list; null: they are not wanted.</param>
    private static async Task<IReadOnlyList<Timed>> Pages(
        HttpClient reader, HttpClient keeper, Database database, bool middle, TextWriter output, Dictionary<string, double>? figures, CancellationToken stop)
    {
        await using var connection = await database.Open(stop);
        var seen = await connection.ExecuteScalarAsync<string>("select name from catalog.application where team = 'team-1' order by name limit 1");
        List<(Listed List, HttpClient Client, string Path)> asked = [];
        foreach (var list in Lists.Where(list => !middle || list.MiddleSql is not null))
        {
            var after = middle ? await connection.ExecuteScalarAsync<string>(list.MiddleSql!) : null;
            asked.Add((list, list.IsOfOperators ? keeper : reader, list.At(seen!, after)));
        }

        // A host that has run for a while: what is compiled once it is used often is, and what was just put on record has been read.
        var count = (int)(PerSecond * PagesFor.TotalSeconds);
        await OpenLoad.Run(PerSecond, count, Ask, stop);
        var answers = await OpenLoad.Run(PerSecond, count, Ask, stop);
        foreach (var group in answers.GroupBy(answer => asked[answer.Number % asked.Count].List.Name))
        {
            var (p50, p99, bytes) = (group.Percentile(0.5), group.Percentile(0.99), group.Max(answer => answer.Bytes));
            output.WriteLine($"    {(middle ? "middle of " : "")}{group.Key,-22} p50 {p50,6:0.0} ms  p99 {p99,6:0.0} ms  {bytes,8:N0} bytes");
            if (figures is not null)
            {
                (figures[$"{group.Key}_p50_ms"], figures[$"{group.Key}_p99_ms"], figures[$"{group.Key}_bytes"]) = (p50, p99, bytes);
            }
        }

        return answers;

        Task<int> Ask(int number) => Get(asked[number % asked.Count].Client, asked[number % asked.Count].Path, stop);
    }

    /// <summary>Each further letter of names, as they are typed.</summary>
    private static async Task<IReadOnlyList<Timed>> Search(HttpClient client, Database database, int names, CancellationToken stop)
    {
        await using var connection = await database.Open(stop);
        var all = (await connection.QueryAsync<string>("select name from catalog.application order by name")).ToArray();
        new Random(Seed).Shuffle(all);
        var typed = all.Take(names).SelectMany(name => Enumerable.Range(1, name.Length).Select(length => name[..length])).ToList();
        return await OpenLoad.Run(
            PerSecond, typed.Count, number => Get(client, $"/api/v1/applications?limit=20&search={Uri.EscapeDataString(typed[number])}", stop), stop);
    }

    private static async Task Baselines(
        FuryProcess fury, Database database, Dictionary<string, double> figures, Dictionary<string, double> ratios, CancellationToken stop)
    {
        var live = await OpenLoad.Run(PerSecond, PerSecond * 5, _ => Get(fury.Client, "/healthz/live", stop), stop);
        (figures["live_p50_ms"], figures["live_p99_ms"]) = (live.Percentile(0.5), live.Percentile(0.99));
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var bare = await OpenLoad.Run(PerSecond, PerSecond * 5, async _ =>
        {
            await using var connection = await source.OpenConnectionAsync(stop);
            var rows = await connection.QueryAsync<(string, string, string, long, DateTime)>(
                "select name, team, criticality, revision, created_at from catalog.application where team = any(@teams) order by name limit 51",
                new { teams = new[] { "team-1", "team-2", "team-3" } });
            return rows.Count();
        }, stop);
        (figures["bare_sql_p50_ms"], figures["bare_sql_p99_ms"]) = (bare.Percentile(0.5), bare.Percentile(0.99));
        ratios["applications_p99_to_bare_sql"] = figures["applications_p99_ms"] / figures["bare_sql_p99_ms"];
    }

    private static async Task Counts(Database database, Dictionary<string, double> figures, CancellationToken stop)
    {
        foreach (var (name, sql) in new[]
        {
            ("applications", "select count(*) from catalog.application"), ("scopes", "select count(*) from catalog.scope"),
            ("replicas", "select sum(jsonb_array_length(endpoints)) from mesh.pool"), ("deployments", "select count(*) from deployments.deployment"),
            ("applications_seen", "select count(*) from catalog.application where team in ('team-1', 'team-2', 'team-3')"),
        })
        {
            figures[name] = await database.Number(sql, stop);
        }
    }

    private static async Task<int> Get(HttpClient client, string path, CancellationToken stop)
    {
        using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, stop);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {(int)answer.StatusCode}");
        }

        // Whoever measures shares the processors: it keeps nothing.
        await using var body = await answer.Content.ReadAsStreamAsync(stop);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var bytes = 0;
        for (int read; (read = await body.ReadAsync(buffer, stop)) > 0;)
        {
            bytes += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return bytes;
    }

    /// <summary>A client with a token of its own.</summary>
    private static async Task<HttpClient> Caller(FuryProcess fury, string name, string role, string[] levels, CancellationToken stop)
    {
        using var maker = ClientOf(fury, Bootstrap);
        using var made = await maker.PostAsJsonAsync("/api/v1/tokens", new { name, role, on = levels[0] }, stop);
        made.EnsureSuccessStatusCode();
        foreach (var on in levels[1..])
        {
            using var granted = await maker.PostAsJsonAsync("/api/v1/access/grants", new { role, to = $"token:{name}", on }, stop);
            granted.EnsureSuccessStatusCode();
        }

        return ClientOf(fury, (await made.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("secret").GetString()!);
    }

    private static HttpClient ClientOf(FuryProcess fury, string token) => new()
    {
        BaseAddress = fury.Api,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };
}
