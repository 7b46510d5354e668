using System.Text.Json;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.LittleMonster.Tests.Operations;

/// <summary>What people order of sagas that cannot go on by themselves.</summary>
public sealed class OrdersTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private static readonly DeskOrder Because = new("ann", "the provider is mended");

    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_stuck_undo_is_tried_again_and_the_saga_then_tells_why_it_had_failed()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtUndo(host, "undo-retried");
        _world.Refuse("undo:create", FaultKind.Forbidden, times: 0);

        Assert.True((await host.Desk.Retry(saga.Id, Because, Soon)).IsOk);

        var ended = await host.In(saga.Id, SagaState.Compensated);
        Assert.Equal(("do:attach was refused.", "attach"), (ended.Fault!.Message, ended.Fault.Facts["step"]));
        Assert.Empty(_world.Things);
        Assert.Equal(("ann", "the provider is mended"), await Order(host, saga.Id, JournalKind.RetryRequested));
    }

    [Fact]
    public async Task A_stuck_undo_that_is_tried_again_in_vain_is_stuck_with_the_same_words()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtUndo(host, "undo-in-vain");
        await host.Desk.Retry(saga.Id, Because, Soon);

        await Eventually.True(async () => (await Kinds(host, saga.Id)).Count(kind => kind is JournalKind.Stuck) == 2);
        Assert.Equal(saga.Fault!.Message, (await host.In(saga.Id, SagaState.Stuck)).Fault!.Message);
    }

    [Fact]
    public async Task A_stuck_undo_is_skipped_without_a_result_though_its_step_has_one()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtUndo(host, "undo-skipped");

        Assert.True((await host.Desk.Skip(saga.Id, Because, null, Soon)).IsOk);

        Assert.Equal("do:attach was refused.", (await host.In(saga.Id, SagaState.Compensated)).Fault!.Message);
        Assert.Single(_world.Things);
        Assert.Equal(("ann", "the provider is mended"), await Order(host, saga.Id, JournalKind.Skipped));
    }

    [Fact]
    public async Task What_is_undone_already_cannot_be_cancelled_though_it_is_stuck()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtUndo(host, "undo-cancelled");
        Assert.Equal(FaultKind.Conflict, (await host.Desk.Cancel(saga.Id, Because, Soon)).Fault!.Kind);
    }

    [Fact]
    public async Task A_step_that_nobody_knows_of_is_done_again_when_somebody_says_so()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtPay(host, "once-retried");
        Assert.Equal(1, _world.CallsOf("do:pay"));

        await host.Desk.Retry(saga.Id, Because, Soon);

        Assert.True((await host.In(saga.Id, SagaState.Completed)).TryGet<Receipt>("pay", out _));
        Assert.Equal(2, _world.CallsOf("do:pay"));
    }

    [Fact]
    public async Task A_step_that_nobody_knows_of_is_skipped_with_the_result_that_somebody_found()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtPay(host, "once-skipped");

        Assert.True((await host.Desk.Skip(saga.Id, Because, Json("""{"number":"R-7","cents":5}"""), Soon)).IsOk);

        Assert.True((await host.In(saga.Id, SagaState.Completed)).TryGet<Receipt>("pay", out var receipt));
        Assert.Equal(new Receipt("R-7", 5), receipt);
        Assert.Equal((1, 1), (_world.CallsOf("do:pay"), _world.CallsOf("do:ship-R-7")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("""{"number":"R-7","cents":"five"}""")]
    public async Task A_result_that_is_none_of_the_step_is_refused_by_name(string? result)
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtPay(host, $"misfit-{result?.Length}");

        var refused = await host.Desk.Skip(saga.Id, Because, result is null ? null : Json(result), Soon);

        Assert.Equal(FaultKind.Invalid, refused.Fault!.Kind);
        var field = Assert.Single(refused.Fault.Fields);
        Assert.Equal("result", field.Field);
        Assert.Contains("Receipt", field.Expected);
        Assert.Equal(SagaState.Stuck, (await host.Sagas.Find(saga.Id, Soon)).Value.State);
    }

    [Fact]
    public async Task A_step_that_nobody_knows_of_is_undone_when_its_saga_is_cancelled()
    {
        await using var host = await database.NewHost(_world);
        var saga = await StuckAtPay(host, "once-cancelled");

        Assert.True((await host.Desk.Cancel(saga.Id, Because, Soon)).IsOk);

        Assert.Equal("Cancelled: the provider is mended", (await host.In(saga.Id, SagaState.Compensated)).Fault!.Message);
        Assert.Equal(1, _world.CallsOf("undo:reserve"));
    }

    [Fact]
    public async Task An_order_to_a_saga_that_has_ended_is_refused_and_so_is_one_without_a_reason()
    {
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("ended");

        Assert.Equal(SagaState.Completed, saga.State);
        Assert.Equal(FaultKind.Conflict, (await host.Desk.Retry(saga.Id, Because, Soon)).Fault!.Kind);
        Assert.Equal(FaultKind.Conflict, (await host.Desk.Skip(saga.Id, Because, null, Soon)).Fault!.Kind);
        Assert.Equal(FaultKind.Conflict, (await host.Desk.Cancel(saga.Id, Because, Soon)).Fault!.Kind);
        Assert.Equal("reason", Assert.Single((await host.Desk.Retry(saga.Id, new DeskOrder("ann", " "), Soon)).Fault!.Fields).Field);
        Assert.Equal(FaultKind.NotFound, (await host.Desk.Retry(new SagaId(1), Because, Soon)).Fault!.Kind);
    }

    [Fact]
    public async Task A_skip_that_is_sent_twice_skips_one_step()
    {
        await using var host = await database.NewHost(_world);
        _world.Refuse("do:ship-R-7", FaultKind.Unavailable);
        var saga = await StuckAtPay(host, "twice");
        var order = Because with { Revision = saga.Revision };
        var receipt = Json("""{"number":"R-7","cents":5}""");

        var sent = await Task.WhenAll(host.Desk.Skip(saga.Id, order, receipt, Soon), host.Desk.Skip(saga.Id, order, receipt, Soon));
        await Eventually.True(() => _world.CallsOf("do:ship-R-7") > 1);
        var late = await host.Desk.Skip(saga.Id, order, receipt, Soon);

        Assert.Contains(sent, one => one.IsOk);
        Assert.Equal(FaultKind.Stale, late.Fault!.Kind);
        var kinds = await Kinds(host, saga.Id);
        Assert.Single(kinds, kind => kind is JournalKind.Skipped);
        Assert.DoesNotContain("ship", (await host.Sagas.Find(saga.Id, Soon)).Value.Results.Keys);
    }

    [Fact]
    public async Task An_order_to_another_host_than_the_owner_is_carried_out()
    {
        await using var one = await database.NewHost(_world, "orders-a", TimeSpan.FromSeconds(2));
        await one.Joined();
        await using var two = await database.NewHost(_world, "orders-b", TimeSpan.FromSeconds(2));
        await Eventually.True(async () => await one.Owned() == 128 && await two.Owned() == 128);
        _world.Refuse("do:pay", FaultKind.Unavailable);
        var stuck = new List<(SagaView Saga, MonsterUnderTest Other)>();
        for (var n = 0; stuck.Count < 4; n++)
        {
            var saga = await Start(one, $"other-{n}");
            stuck.Add((saga, await one.Monster.Engine!.Find(saga.Id) is null ? one : two));
        }

        _world.Refuse("do:pay", FaultKind.Unavailable, times: 0);
        foreach (var (saga, other) in stuck)
        {
            Assert.True((await other.Desk.Retry(saga.Id, Because, Soon)).IsOk);
        }

        foreach (var (saga, other) in stuck)
        {
            await other.In(saga.Id, SagaState.Completed);
        }
    }

    private async Task<SagaView> StuckAtUndo(MonsterUnderTest host, string key)
    {
        _world.Refuse("do:attach", FaultKind.Conflict);
        _world.Refuse("undo:create", FaultKind.Forbidden);
        var saga = await host.Run(key);
        Assert.Equal((SagaState.Stuck, "create", true), (saga.State, saga.Step, saga.Undoing));
        return saga;
    }

    private async Task<SagaView> StuckAtPay(MonsterUnderTest host, string key)
    {
        _world.Refuse("do:pay", FaultKind.Unavailable, times: 1);
        return await Start(host, key);
    }

    private static async Task<SagaView> Start(MonsterUnderTest host, string key)
    {
        var id = await host.Sagas.Start<PaySaga, Order>(key, new Order(key), Soon);
        var saga = (await host.Sagas.WaitFor(id.Value, Soon)).Value;
        Assert.Equal((SagaState.Stuck, "pay"), (saga.State, saga.Step));
        return saga;
    }

    private static async Task<IReadOnlyList<JournalKind>> Kinds(MonsterUnderTest host, SagaId id) =>
        [.. (await host.Desk.Timeline(id, Soon)).Value.Entries.Select(entry => entry.Kind)];

    private static async Task<(string?, string?)> Order(MonsterUnderTest host, SagaId id, JournalKind kind)
    {
        var entries = (await host.Desk.Timeline(id, Soon)).Value.Entries;
        var data = Assert.Single(entries, entry => entry.Kind == kind).Data!.Value;
        return (data.GetProperty("by").GetString(), data.GetProperty("reason").GetString());
    }

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
