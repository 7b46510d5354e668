using System.Text.Json;
using Dapper;
using Fury.Testing;

namespace Fury.LittleMonster.Tests.Operations;

/// <summary>Lists of a history that is long: none of the common questions reads all of it.</summary>
public sealed class ListPlansTests(ManySagas database) : IClassFixture<ManySagas>
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "key-17-", null)]
    [InlineData(null, null, "rare")]
    [InlineData(SagaState.Compensated, null, null)]
    [InlineData(SagaState.Stuck, null, null)]
    public async Task A_common_question_reads_a_small_part_of_the_history(SagaState? state, string? key, string? name)
    {
        var query = new SagaQuery(state is { } one ? [one] : null, key, name);
        var looked = await database.EndedLookedAt(query);
        Assert.InRange(looked, state is SagaState.Stuck ? 0 : 1, ManySagas.Ended / 20);
    }

    [Fact]
    public async Task A_page_that_looked_at_many_in_vain_says_where_to_go_on()
    {
        var desk = database.Get<ISagaDesk>();
        var query = new SagaQuery([SagaState.Retrying]);
        var pages = 0;
        do
        {
            var page = (await desk.List(query, CancellationToken.None)).Value;
            Assert.Empty(page.Items);
            query = query with { After = page.Next };
            pages++;
        }
        while (query.After is not null);

        Assert.Equal(2, pages);
    }
}

/// <summary>A day of sagas of which few are of a rare kind, undone or stuck; no host runs.</summary>
public sealed class ManySagas : TestDatabase<LittleMonsterModule>, IAsyncLifetime
{
    public const int Ended = 20_000;

    private const string FillSql = """
        select lm.ensure_partitions(1);
        insert into lm.definition (def, ver, name, manifest) values (1, 1, 'common', '{"steps":[]}'), (2, 1, 'rare', '{"steps":[]}');
        insert into lm.done (id, key, def, ver, outcome, started_at, deadline, step, attempt, input, data)
          select n, 'key-' || n % 5000 || '-x', case when n % 1000 = 0 then 2 else 1 end, 1, case when n % 500 = 0 then 8 else 7 end,
                 now(), now(), 0, 1, '', '{"results":{}}'
            from generate_series(1, 20000) n;
        insert into lm.saga (id, shard, key, def, ver, deadline, input, state, step, dir, attempt, seq, data)
          select n, 0, 'live-' || n, 1, 1, now(), '', case when n % 1000 = 0 then 5 else 1 end, 0, 0, 1, 1, '{"results":{}}'
            from generate_series(20001, 31000) n;
        analyze lm.done;
        analyze lm.saga
        """;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await using var connection = await Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(FillSql);
    }

    /// <summary>Rows of ended sagas that PostgreSQL reads for the first page, those that do not fit too.</summary>
    internal async Task<long> EndedLookedAt(SagaQuery query)
    {
        await using var connection = await Database.Source.OpenConnectionAsync();
        var plan = await connection.QuerySingleAsync<string>(
            $"explain (analyze, format json) {DeskStore.ListSql}", DeskStore.Parameters(SagaDesk.Range(query)));
        return Nodes(JsonSerializer.Deserialize<JsonElement>(plan)[0].GetProperty("Plan"))
            .Where(node => node.TryGetProperty("Relation Name", out var name) && name.GetString()!.StartsWith("done", StringComparison.Ordinal))
            .Sum(node => Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter"));
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var inner) ? inner.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    private static long Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? (long)value.GetDouble() : 0;
}
