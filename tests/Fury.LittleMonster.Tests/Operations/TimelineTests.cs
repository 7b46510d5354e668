using Dapper;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.LittleMonster.Tests.Operations;

public sealed class TimelineTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_timeline_has_each_attempt_with_its_duration_and_its_error()
    {
        _world.Refuse("do:attach", FaultKind.Unavailable, times: 2);
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("attempts");

        var timeline = (await host.Desk.Timeline(saga.Id, Soon)).Value;

        Assert.False(timeline.Truncated);
        Assert.Equal(SagaState.Completed, timeline.Saga.State);
        Assert.Equal(
            [
                (1, JournalKind.Started, "create", 1), (2, JournalKind.StepDone, "create", 1), (3, JournalKind.StepDone, "ready", 1),
                (4, JournalKind.AttemptFailed, "attach", 1), (5, JournalKind.AttemptFailed, "attach", 2),
                (6, JournalKind.StepDone, "attach", 3), (7, JournalKind.StepDone, "publish", 1),
            ],
            timeline.Entries.Select(entry => (entry.Seq!.Value, entry.Kind, entry.Step, entry.Attempt)));
        Assert.All(timeline.Entries.Skip(1), call => Assert.True(call.Began >= saga.StartedAt.AddSeconds(-1) && call.TookMs >= 0));
        Assert.Equal("do:attach was refused.", timeline.Entries[3].Data!.Value.GetProperty("message").GetString());
        Assert.Equal(42, timeline.Entries[2].Data!.Value.GetInt32());
        Assert.Single(timeline.Entries.Select(entry => entry.Host).Distinct());
    }

    [Fact]
    public async Task Attempts_that_wait_for_the_next_write_are_shown_by_the_host_that_made_them_and_once()
    {
        _world.Refuse("do:publish", FaultKind.Unavailable);
        await using var host = await database.NewHost(_world);
        var id = (await host.Sagas.Start<LaunchSaga, Order>("unwritten", new Order("unwritten"), Soon)).Value;
        await Eventually.True(async () => (await host.Sagas.Find(id, Soon)).Value is { State: SagaState.Retrying, Attempt: >= 3 });

        var failed = (await host.Desk.Timeline(id, Soon)).Value.Entries.Where(entry => entry.Kind is JournalKind.AttemptFailed).ToList();
        var written = await database.Count($"select count(*) from lm.journal where saga = {id} and kind = 3");
        Assert.True(failed.Count >= 2);
        Assert.Equal(0, written);
        Assert.All(failed, entry => Assert.Equal((null, "publish", host.Monster.Engine!.Host), (entry.Seq, entry.Step, entry.Host)));
        Assert.Equal(Enumerable.Range(1, failed.Count), failed.Select(entry => entry.Attempt));
        Assert.All(failed, entry => Assert.True(entry.TookMs >= 0 && entry.At >= entry.Began));

        _world.Refuse("do:publish", FaultKind.Unavailable, times: 0);
        await host.Desk.Retry(id, new DeskOrder("ann", "now"), Soon);
        await host.In(id, SagaState.Completed);
        var entries = (await host.Desk.Timeline(id, Soon)).Value.Entries;
        Assert.Equal(Enumerable.Range(1, entries.Count), entries.Select(entry => entry.Seq!.Value));
        Assert.True(entries.Count(entry => entry.Kind is JournalKind.AttemptFailed) >= failed.Count);
    }

    [Fact]
    public async Task Lines_before_an_upgrade_have_the_step_names_of_their_time()
    {
        await using (var connection = await database.Database.Source.OpenConnectionAsync())
        {
            await connection.ExecuteAsync("""
                select lm.ensure_partitions(1);
                insert into lm.definition (def, ver, name, manifest) values
                  (900, 1, 'test.renamed', '{"steps":[{"name":"old-a"},{"name":"old-b"}]}'),
                  (900, 2, 'test.renamed', '{"steps":[{"name":"new-a"},{"name":"new-b"}]}');
                insert into lm.done (id, key, def, ver, outcome, started_at, deadline, step, attempt, input, data)
                  values (77, 'renamed', 900, 2, 7, now(), now(), 1, 1, '', '{"results":{}}');
                insert into lm.journal (saga, seq, host, epoch, kind, step, attempt, data) values
                  (77, 1, 1, 1, 1, 0, 1, null), (77, 2, 1, 1, 2, 0, 1, '{}'),
                  (77, 3, 2, 2, 15, 1, 1, '{"from":1,"to":2,"step":"new-b"}'), (77, 4, 2, 2, 2, 1, 1, '{}')
                """);
        }

        await using var host = await database.NewHost(_world);
        var timeline = (await host.Desk.Timeline(new SagaId(77), Soon)).Value;
        Assert.Equal(["old-a", "old-a", "old-b", "new-b"], timeline.Entries.Select(entry => entry.Step));
        Assert.Equal("new-b", timeline.Saga.Step);
    }

    [Fact]
    public async Task A_saga_that_does_not_exist_has_no_timeline() => Assert.Equal(
        FaultKind.NotFound, (await database.Get<ISagaDesk>().Timeline(new SagaId(4711), Soon)).Fault!.Kind);
}
