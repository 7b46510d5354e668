using Dapper;
using Fury.LittleMonster.Testing;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NSubstitute;

namespace Fury.LittleMonster.Tests.Operations;

public sealed class RetentionTests(TestDatabase<LittleMonsterModule> database) : IClassFixture<TestDatabase<LittleMonsterModule>>, IAsyncLifetime
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await database.Database.Source.OpenConnectionAsync();
        await _connection.ExecuteAsync("select lm.ensure_partitions(1)");
    }

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Fact]
    public async Task What_is_too_old_goes_in_portions_and_what_is_young_or_live_stays()
    {
        await AddDay(40);
        await AddDay(20);
        await _connection.ExecuteAsync("""
            insert into lm.done (id, key, def, ver, outcome, started_at, ended_at, deadline, step, attempt, input, data)
              select days, 'k', 1, 1, 7, now(), now() - days * interval '1 day', now(), 0, 1, '', '{}' from unnest(array[40, 20]) days;
            insert into lm.journal (saga, seq, at, host, epoch, kind, step, attempt)
              select days, 1, now() - days * interval '1 day', 1, 1, 1, 0, 1 from unnest(array[40, 20]) days;
            insert into lm.saga (id, shard, key, def, ver, deadline, input, state, step, dir, attempt, seq, data)
              values (100, 0, 'k', 1, 1, now(), '', 5, 0, 0, 1, 1, '{}');
            insert into lm.inbox (shard, saga, kind, payload) values (0, 101, 1, ''), (0, 102, 2, '');
            insert into lm.start_key (key, saga, req_hash, expires)
              select 'expired-' || n, n, '', current_date - 2 from generate_series(1, 5) n;
            insert into lm.start_key (key, saga, req_hash, expires) values
              ('sealed', 0, '', current_date - 2), ('cancelled', 102, '', current_date - 2),
              ('of-a-live-saga', 100, '', current_date - 300), ('of-a-waiting-start', 101, '', current_date - 300),
              ('young', 7, '', current_date + 1);
            insert into lm.resource (token, saga, step, provider, region, kind, state, at)
              select gen_random_uuid(), n, 0, state || '-' || days, '', '', state, now() - days * interval '1 day'
                from generate_series(1, 5) n, unnest(array[1, 2, 4, 5]) state, unnest(array[40, 20]) days
            """);

        var portions = new List<int>();
        do
        {
            portions.Add(await database.Get<IMembers>().Forget(Month, 2, default));
        }
        while (portions[^1] > 0);

        Assert.Equal([1, 1, 2, 2, 2, 1, 2, 2, 1, 0], portions);
        Assert.Equal([20L], await All<long>("select id from lm.done where id in (20, 40)"));
        Assert.Equal([20L], await All<long>("select saga from lm.journal where saga in (20, 40)"));
        Assert.Equal(["of-a-live-saga", "of-a-waiting-start", "young"], await All<string>("select key from lm.start_key order by key"));
        Assert.Equal(
            ["1-20", "1-40", "2-20", "2-40", "4-20", "5-20", "5-40"], await All<string>("select distinct provider from lm.resource order by 1"));
        Assert.Equal(0, await Partitions(40));
        Assert.Equal(2, await Partitions(20));
    }

    [Fact]
    public async Task A_live_saga_keeps_its_journal_and_the_ends_of_its_children_however_old()
    {
        await AddDay(60);
        await _connection.ExecuteAsync("""
            insert into lm.saga (id, shard, key, def, ver, started_at, deadline, input, state, step, dir, attempt, seq, data)
              values (200, 0, 'parent', 1, 1, now() - interval '60 days', now(), '', 5, 0, 0, 1, 1, '{}');
            insert into lm.journal (saga, seq, at, host, epoch, kind, step, attempt, data, began, took)
              select saga, 1, now() - interval '60 days', 1, 1, 1, 0, 1, '{}', now() - interval '60 days', 0.5 from unnest(array[200, 201, 202]) saga;
            insert into lm.done (id, key, def, ver, outcome, started_at, ended_at, deadline, step, attempt, input, data, parent)
              values (201, 'child', 1, 1, 7, now(), now() - interval '60 days', now(), 0, 1, '', '{"results":{}}', 200),
                     (202, 'orphan', 1, 1, 7, now(), now() - interval '60 days', now(), 0, 1, '', '{}', 203);
            insert into lm.start_key (key, saga, req_hash, expires) values ('child-key', 201, '', current_date - 29), ('orphan-key', 202, '', current_date - 29)
            """);

        await ForgetAll("interval '50 days'");

        Assert.Equal(0, await Partitions(60));
        var line = Assert.Single(await database.Get<DeskStore>().Journal(new SagaId(200), 10, default));
        Assert.Equal((1, 0.5f), (line.Seq, line.Took));
        Assert.Empty(await database.Get<DeskStore>().Journal(new SagaId(202), 10, default));
        Assert.Equal([201L], await All<long>("select id from lm.done where id in (201, 202)"));
        Assert.Equal(["child-key"], await All<string>("select key from lm.start_key where saga in (201, 202)"));
        Assert.Equal([(201L, (short)7)], await All<(long, short)>("select saga, state from lm.look(array['child-key', 'orphan-key'], false)"));

        await _connection.ExecuteAsync("delete from lm.saga where id = 200");
        await ForgetAll("interval '50 days'");
        Assert.Empty(await database.Get<DeskStore>().Journal(new SagaId(200), 10, default));
        Assert.Empty(await All<string>("select key from lm.start_key where saga in (201, 202)"));
    }

    [Theory]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Etc/GMT+12")]
    [InlineData("UTC")]
    public async Task A_day_ends_when_it_ends_in_UTC_wherever_the_session_is(string zone)
    {
        await AddDay(9);
        const string untilEndOfDay = "now() - ((now() at time zone 'UTC')::date - 8)::timestamp at time zone 'UTC'";
        await _connection.ExecuteAsync($"set timezone to '{zone}'");

        await ForgetAll($"{untilEndOfDay} + interval '1 minute'");
        Assert.Equal(2, await Partitions(9));
        await ForgetAll(untilEndOfDay);
        Assert.Equal(0, await Partitions(9));
        await _connection.ExecuteAsync("reset timezone");
    }

    [Fact]
    public async Task One_host_is_at_it_at_a_time_and_it_does_not_wait_long_for_a_reader()
    {
        await AddDay(50);
        await using (var other = await _connection.BeginTransactionAsync())
        {
            await _connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('lm.forget', 0))");
            Assert.Equal(0, await database.Get<IMembers>().Forget(Month, 10, default));
        }

        await using (var reader = await _connection.BeginTransactionAsync())
        {
            await _connection.ExecuteAsync("select count(*) from lm.journal; select count(*) from lm.done");
            var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Get<IMembers>().Forget(Month, 10, default));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
            Assert.True(Database.MayPass(refused));
        }

        Assert.Equal(2, await Partitions(50));
        await ForgetAll("interval '45 days'");
        Assert.Equal(0, await Partitions(50));
    }

    [Fact]
    public async Task A_host_does_it_a_while_after_its_start_and_every_few_hours_until_nothing_is_left()
    {
        var (clock, members, calls) = (new TestClock(), Substitute.For<IMembers>(), 0);
        members.Forget(Month, Housekeeping.RowsMax, default).ReturnsForAnyArgs(_ => Task.FromResult(calls++ switch
        {
            0 => throw new TimeoutException(),
            1 or 2 => 7,
            _ => 0,
        }));
        using var stopping = new CancellationTokenSource();
        var work = new Housekeeping(members, Month, clock, NullLogger.Instance).Run(stopping.Token);

        foreach (var (wait, called) in new[] { (Housekeeping.Pause, 1), (Housekeeping.Pause, 4), (Housekeeping.Period, 5) })
        {
            await Eventually.True(() => clock.TimersWaiting == 1);
            clock.Advance(wait - TimeSpan.FromSeconds(1));
            Assert.True(calls < called);
            clock.Advance(TimeSpan.FromSeconds(1));
            await Eventually.True(() => calls == called);
        }

        await members.Received(3).EnsurePartitions(Arg.Any<CancellationToken>());
        await stopping.CancelAsync();
        await work;
    }

    private Task<int> AddDay(int ago) => _connection.ExecuteAsync($"""
        do $$ declare
          day date := (now() at time zone 'UTC')::date - {ago};
          parent text;
        begin
          foreach parent in array array['journal', 'done'] loop
            execute format('create table lm.%I partition of lm.%I for values from (%L) to (%L)',
              parent || to_char(day, '_YYYYMMDD'), parent, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
          end loop;
        end $$
        """);

    private async Task ForgetAll(string keep)
    {
        while (await _connection.QuerySingleAsync<int>($"select lm.forget({keep}, 100)") > 0)
        {
            // The next portion.
        }
    }

    private async Task<int> Partitions(int ago) => (int)await _connection.QuerySingleAsync<long>(
        "select count(*) from pg_class where relkind = 'r' and relname in ('journal' || @day, 'done' || @day)",
        new { day = $"_{TimeProvider.System.GetUtcNow().AddDays(-ago):yyyyMMdd}" });

    private async Task<IEnumerable<T>> All<T>(string sql) => await _connection.QueryAsync<T>(sql);
}
