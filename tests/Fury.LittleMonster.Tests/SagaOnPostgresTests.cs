using System.Diagnostics;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

public sealed class SagaOnPostgresTests(MonsterDatabase database, ITestOutputHelper output) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_saga_runs_all_its_steps_and_leaves_the_hot_table()
    {
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("whole");

        Assert.Equal(SagaState.Completed, saga.State);
        Assert.True(saga.TryGet<int>("ready", out var ready));
        Assert.Equal(42, ready);
        Assert.Equal(["do:create", "poll:ready", "do:attach", "do:publish"], _world.Calls.Select(call => call.Split('/')[1]));
        Assert.Equal(0, await database.Count($"select count(*) from lm.saga where id = {saga.Id}"));
        Assert.Equal(5, await database.Count($"select count(*) from lm.journal where saga = {saga.Id}"));
        var ledger = $"select count(*) from lm.resource where saga = {saga.Id} and state = 2 and external_id like 'create-%'";
        Assert.Equal(1, await database.Count(ledger));
    }

    [Fact]
    public async Task Fifty_starts_of_one_key_are_one_saga()
    {
        await using var host = await database.NewHost(_world);
        await host.Joined();
        await using var other = await database.NewHost(_world);
        var starts = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Task.Run(() =>
            (n % 2 == 0 ? host : other).Sagas.Start<LaunchSaga, Order>("same", new Order("same"), Soon))));

        Assert.Single(starts.Select(start => start.Value).Distinct());
        await host.Sagas.WaitFor(starts[0].Value, Soon);
        Assert.Equal(1, _world.CallsOf("do:create"));
        var different = await host.Sagas.Start<LaunchSaga, Order>("same", new Order("same", 2), Soon);
        Assert.Equal(FaultKind.Conflict, different.Fault!.Kind);
        Assert.Equal(starts[0].Value.ToString(), different.Fault.Facts["sagaId"]);
    }

    [Fact]
    public async Task A_start_in_a_transaction_happens_with_its_commit_and_never_without()
    {
        await using var host = await database.NewHost(_world);
        var lost = await database.Database.Transaction<SagaId>(async transaction =>
        {
            await host.Sagas.Start<LaunchSaga, Order>(transaction, "rolled-back", new Order("rolled-back"), Soon);
            return Fault.Conflict("On second thoughts.");
        }, Soon);
        var kept = await database.Database.Transaction(
            transaction => host.Sagas.Start<LaunchSaga, Order>(transaction, "committed", new Order("committed"), Soon), Soon);

        Assert.False(lost.IsOk);
        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(kept.Value, Soon)).Value.State);
        Assert.Equal(1, _world.CallsOf("do:create"));
        await Eventually.True(async () => await database.Count("select count(*) from lm.inbox") == 0);
    }

    [Fact]
    public async Task A_failed_saga_is_undone_in_reverse_and_its_ledger_says_so()
    {
        _world.Refuse("do:attach", FaultKind.Conflict);
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("undone");

        Assert.Equal(SagaState.Compensated, saga.State);
        Assert.Equal("do:attach was refused.", saga.Fault!.Message);
        Assert.Equal(["undo:attach", "undo:create"], _world.Calls.Select(call => call.Split('/')[1]).TakeLast(2));
        Assert.Empty(_world.Things);
        Assert.Equal(1, await database.Count($"select count(*) from lm.resource where saga = {saga.Id} and state = 4"));
    }

    [Fact]
    public async Task A_saga_whose_undo_keeps_failing_is_stuck_and_stays_visible()
    {
        _world.Refuse("do:attach", FaultKind.Conflict);
        _world.Refuse("undo:create", FaultKind.Forbidden);
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("stuck");

        Assert.Equal(SagaState.Stuck, saga.State);
        await host.DisposeAsync();
        await using var next = await database.NewHost(_world);
        await next.Joined();
        Assert.Equal(saga.Fault!.Message, (await next.Sagas.WaitFor(saga.Id, Soon)).Value.Fault!.Message);
    }

    [Fact]
    public async Task A_poll_writes_nothing_while_it_waits_and_a_nudge_makes_it_ask()
    {
        _world.Ready["patient"] = false;
        await using var host = await database.NewHost(_world);
        await host.Joined();
        var id = (await host.Sagas.Start<LaunchSaga, Order>("patient", new Order("patient"), Soon)).Value;
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 1);
        var before = await database.Count($"select xmin::text::bigint from lm.saga where id = {id}");
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 5);
        Assert.Equal(before, await database.Count($"select xmin::text::bigint from lm.saga where id = {id}"));
        Assert.Equal(2, await database.Count($"select count(*) from lm.journal where saga = {id}"));
        Assert.Equal(SagaState.Waiting, (await host.Sagas.Find(id, Soon)).Value.State);

        _world.Ready["patient"] = true;
        host.Sagas.Nudge(id);
        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(id, Soon)).Value.State);
    }

    [Fact]
    public async Task A_cancel_before_the_pivot_undoes_and_behind_it_is_refused()
    {
        _world.Ready["early"] = false;
        var publishing = new TaskCompletionSource();
        var mayPublish = new TaskCompletionSource();
        _world.Before("do:publish", async () =>
        {
            publishing.TrySetResult();
            await mayPublish.Task;
            return null;
        });
        await using var host = await database.NewHost(_world);
        var early = (await host.Sagas.Start<LaunchSaga, Order>("early", new Order("early"), Soon)).Value;
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 1);
        Assert.True((await host.Sagas.Cancel(early, "no longer wanted", Soon)).IsOk);
        var ended = (await host.Sagas.WaitFor(early, Soon)).Value;
        Assert.Equal((SagaState.Compensated, "Cancelled: no longer wanted"), (ended.State, ended.Fault!.Message));
        Assert.Equal(FaultKind.Conflict, (await host.Sagas.Cancel(early, "again", Soon)).Fault!.Kind);

        var late = (await host.Sagas.Start<LaunchSaga, Order>("late", new Order("late"), Soon)).Value;
        await publishing.Task;
        Assert.Equal(FaultKind.Conflict, (await host.Sagas.Cancel(late, "too late", Soon)).Fault!.Kind);
        mayPublish.SetResult();
        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(late, Soon)).Value.State);
        Assert.Equal(FaultKind.NotFound, (await host.Sagas.Cancel(new SagaId(1), "nobody", Soon)).Fault!.Kind);
    }

    [Fact]
    public async Task Sagas_of_one_key_run_one_after_the_other()
    {
        var (now, most) = (0, 0);
        _world.Before("do:create", () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            return Task.FromResult<Fault?>(null);
        });
        _world.Before("do:publish", () =>
        {
            Interlocked.Decrement(ref now);
            return Task.FromResult<Fault?>(null);
        });
        await using var host = await database.NewHost(_world);
        var sagas = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => host.Run($"in-turn-{n}", "one-app")));

        Assert.All(sagas, saga => Assert.Equal(SagaState.Completed, saga.State));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_thousand_sagas_share_their_commits_and_all_end()
    {
        await using var host = await database.NewHost(_world);
        await host.Joined();
        var begun = Stopwatch.GetTimestamp();
        var sagas = await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => host.Run($"crowd-{n}")));
        var took = Stopwatch.GetElapsedTime(begun);

        Assert.All(sagas, saga => Assert.Equal(SagaState.Completed, saga.State));
        Assert.Equal(3000, _world.Things.Count);
        var ids = string.Join(',', sagas.Select(saga => saga.Id));
        var commits = await database.Count($"select count(distinct xmin::text) from lm.journal where saga in ({ids})");
        output.WriteLine($"{1000 / took.TotalSeconds:f0} sagas/s, {commits / 1000.0:f3} commits a saga");
        Assert.InRange(commits, 5, 1000);
    }

    [Fact]
    public async Task Three_steps_take_a_few_milliseconds_when_nothing_else_runs()
    {
        await using var host = await database.NewHost(_world);
        await host.Joined();
        var times = new List<double>();
        for (var run = 0; run < 60; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            var id = await host.Sagas.Start<ThreeStepSaga, Order>($"quick-{run}", new Order("quick"), Soon);
            await host.Sagas.WaitFor(id.Value, Soon);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"fastest {times[0]:f2} ms, median {times[30]:f2} ms, p90 {times[54]:f2} ms");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nul\0nul")]
    public async Task A_bad_key_is_named(string key)
    {
        await using var host = await database.NewHost(_world);
        var start = await host.Sagas.Start<LaunchSaga, Order>(key, new Order("x"), Soon);
        Assert.Equal("key", Assert.Single(start.Fault!.Fields).Field);
        var long1Mb = await host.Sagas.Start<LaunchSaga, Order>("big", new Order(new string('x', 1_000_000)), Soon);
        Assert.Equal(FaultKind.Invalid, long1Mb.Fault!.Kind);
        Assert.True(long1Mb.Fault.Message.Length < 1000);
    }
}
