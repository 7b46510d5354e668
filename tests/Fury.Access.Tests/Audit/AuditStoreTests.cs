using Dapper;
using Fury.Access.Audit;
using Fury.Access.Contracts;
using Fury.Catalog;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Fury.Access.Tests.Audit;

public sealed class AuditStoreTests : IAsyncLifetime
{
    private readonly TestDatabase<AccessModule, CatalogModule> _database = new();

    private AuditStore Store => _database.Get<AuditStore>();

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Many_hosts_that_write_at_once_make_one_chain_without_gaps()
    {
        await using var other = _database.BuildServices();
        AuditStore[] hosts = [Store, other.GetRequiredService<AuditStore>()];

        await Task.WhenAll(Enumerable.Range(0, 120).Select(number => hosts[number % 2].Keep(Entry($"caller-{number}"), null, default)));

        var rows = await All();
        Assert.Equal(Enumerable.Range(1, 120).Select(number => (long)number), rows.Select(row => row.Seq));
        Assert.Equal(120, rows.Select(row => row.Entry.Caller).Distinct().Count());
        Assert.Null(await BrokenAt());
    }

    [Fact]
    public async Task It_only_grows()
    {
        await Store.Keep(Entry("ann"), null, default);
        foreach (var sql in new[] { "update access.audit set caller = 'bob'", "delete from access.audit", "truncate access.audit" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Execute(sql));
            Assert.Contains("only grows", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Whoever can take the trigger away can change rows, and it is seen.</summary>
    [Fact]
    public async Task What_is_changed_or_missing_is_found()
    {
        (string Sql, long BrokenAt)[] crimes =
        [
            ("update access.audit set caller = 'bob' where seq = 3", 3),
            ("update access.audit set status = 200 where seq = 3", 3),
            ("update access.audit set denied = true where seq = 3", 3),
            ("update access.audit set at = at + interval '1 microsecond' where seq = 3", 3),
            ("update access.audit set why = null where seq = 3", 3),
            ("update access.audit set before = '' where seq = 3", 3),
            ("update access.audit set hash = decode(repeat('00', 32), 'hex') where seq = 3", 3),
            ("update access.audit set caller = method, method = caller where seq = 3", 3),
            ("delete from access.audit where seq = 3", 3),
            ("delete from access.audit where seq = 1", 1),
        ];
        for (var number = 0; number < 5; number++)
        {
            await Store.Keep(Entry("ann"), null, default);
        }

        await Execute("alter table access.audit disable trigger all; create table access.kept as select * from access.audit");
        Assert.Null(await BrokenAt());
        foreach (var (sql, brokenAt) in crimes)
        {
            await Execute(sql);
            Assert.Equal((sql, brokenAt), (sql, await BrokenAt()));
            await Execute("truncate access.audit; insert into access.audit select * from access.kept");
        }
    }

    [Fact]
    public async Task Pages_go_back_in_time_and_filters_hold()
    {
        for (var number = 1; number <= 7; number++)
        {
            await Store.Keep(Entry(number % 2 == 0 ? "ann" : "bob") with { IsDenied = number == 4 }, null, default);
        }

        var first = await Store.List(new(null, null, null, null, null, null), null, 3, default);
        var rest = await Store.List(new(null, null, null, null, null, null), long.Parse(first.Next!), 10, default);
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], first.Items.Concat(rest.Items).Select(row => row.Seq));
        Assert.Equal([6, 4, 2], (await Store.List(new("ann", null, null, null, null, null), null, 10, default)).Items.Select(row => row.Seq));
        Assert.Equal([4], (await Store.List(new(null, "shop", "deploy", true, null, null), null, 10, default)).Items.Select(row => row.Seq));
        Assert.Empty((await Store.List(new(null, null, null, null, TimeProvider.System.GetUtcNow().AddDays(1), null), null, 10, default)).Items);
    }

    [Fact]
    public async Task What_was_begun_by_a_host_that_has_ended_is_told_with_its_outcome_open_and_what_was_kept_is_told_once()
    {
        var answered = await Store.Ask(Entry("ann"), default);
        await Store.Ask(Entry("bob"), default);
        await Store.Keep(Entry("ann"), answered, default);
        await Store.KeepUnanswered(TimeProvider.System.GetUtcNow() - Unanswered.After, default);
        Assert.Equal(["ann"], (await All()).Select(row => row.Entry.Caller));

        for (var pass = 0; pass < 2; pass++)
        {
            await Store.KeepUnanswered(TimeProvider.System.GetUtcNow().AddMinutes(1), default);
        }

        var rows = await All();
        Assert.Equal([("ann", 201), ("bob", 0)], rows.Select(row => (row.Entry.Caller, row.Entry.Status)));
        Assert.Contains("its outcome was known", rows[1].Entry.Why, StringComparison.Ordinal);
        Assert.Null(await BrokenAt());
    }

    [Fact]
    public async Task However_many_try_to_get_in_the_trail_has_a_bounded_number_of_rows_a_minute()
    {
        var failed = _database.Get<FailedSignIns>();
        for (var number = 0; number < 3_000; number++)
        {
            failed.Note($"10.0.{number % 300}.1", "GET", "/api/v1/about", number % 2 == 0 ? "There is no such token." : "The token has expired.");
        }

        await failed.Pass(0, default);
        await failed.Pass(0, default);

        var rows = await All();
        Assert.Equal(FailedSignIns.SourcesMax + 1, rows.Count);
        Assert.Equal(3_000, rows.Sum(row => int.Parse(row.Entry.Why!.Split(' ')[0])));
        Assert.Equal("2000", rows.Single(row => row.Entry.From == FailedSignIns.Elsewhere).Entry.Why!.Split(' ')[0]);
        Assert.All(rows, row => Assert.True(row.Entry is { IsDenied: true, Status: 401, Caller: "" }));
    }

    [Fact]
    public async Task Failed_sign_ins_that_could_not_be_written_are_in_the_next_pass_all_of_them()
    {
        var failed = _database.Get<FailedSignIns>();
        foreach (var source in new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3" })
        {
            failed.Note(source, "GET", "/api/v1/about", "There is no such token.");
        }

        await Execute("alter table access.audit rename to away");
        await Assert.ThrowsAnyAsync<Exception>(() => failed.Pass(0, default));
        await Execute("alter table access.away rename to audit");
        failed.Note("10.0.0.2", "GET", "/api/v1/about", "There is no such token.");
        await failed.Pass(0, default);

        Assert.Equal(
            [("10.0.0.1", '1'), ("10.0.0.2", '2'), ("10.0.0.3", '1')], (await All()).Select(row => (row.Entry.From, row.Entry.Why![0])).Order());
    }

    private static AuditEntry Entry(string caller) => new(
        caller, "user", null, "127.0.0.1", "POST", "api/v1/x/{application}", "/api/v1/x/shop", "shop", null, "deploy", false, 201, "why", null, """{"a":1}""");

    private async Task<List<AuditRow>> All()
    {
        var rows = new List<AuditRow>();
        await foreach (var row in Store.All(0, default))
        {
            rows.Add(row);
        }

        return rows;
    }

    private async Task<long?> BrokenAt() => (await new AuditController(Store).Verify(default)).BrokenAt;

    private async Task Execute(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
