using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests;

/// <summary>Parents and children with the real engine, on one host and on two.</summary>
public sealed class FamiliesOnPostgresTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly FleetWorld _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Children_run_on_whichever_host_owns_their_shards_and_give_their_results_to_their_parents()
    {
        await using var one = await NewHost("family-a", TimeSpan.FromSeconds(2));
        await one.Joined();
        await using var two = await NewHost("family-b", TimeSpan.FromSeconds(2));
        await Eventually.True(async () =>
            await one.Monster.Engine!.OwnedCount() == 128 && two.Monster.Engine is { } engine && await engine.OwnedCount() == 128);
        var ids = new List<SagaId>();
        for (var n = 0; n < 8; n++)
        {
            ids.Add((await (n % 2 == 0 ? one : two).Sagas.Start<FleetSaga, Fleet>($"two-{n}", new Fleet($"two-{n}", 5), Soon)).Value);
        }

        foreach (var (n, id) in ids.Index())
        {
            var saga = (await one.Sagas.WaitFor(id, Soon)).Value;
            Assert.Equal(SagaState.Completed, saga.State);
            Assert.True(saga.TryGet<FanOut>("trucks", out var trucks));
            Assert.Equal(Enumerable.Range(0, 5).Select(truck => $"make of two-{n}/{truck}"), trucks.Completed<string>());
            Assert.Equal(id, (await two.Sagas.Find(trucks.Runs[0].Saga, Soon)).Value.Parent);
        }

        Assert.Equal(2, await database.Count(
            $"select count(distinct j.host) from lm.journal j join lm.done d on d.id = j.saga where d.parent in ({string.Join(',', ids)})"));
    }

    [Fact]
    public async Task A_parent_that_fails_undoes_children_that_had_completed_also_those_of_other_hosts()
    {
        await using var one = await NewHost("undo-a", TimeSpan.FromSeconds(2));
        await one.Joined();
        await using var two = await NewHost("undo-b", TimeSpan.FromSeconds(2));
        await Eventually.True(async () =>
            await one.Monster.Engine!.OwnedCount() == 128 && two.Monster.Engine is { } engine && await engine.OwnedCount() == 128);
        _world.FailsAt = "attach of undone";
        var id = (await one.Sagas.Start<FleetSaga, Fleet>("undone", new Fleet("undone", 8), Soon)).Value;
        var saga = (await two.Sagas.WaitFor(id, Soon)).Value;

        Assert.Equal(SagaState.Compensated, saga.State);
        Assert.Empty(_world.Of("undone"));
        Assert.Equal(9, await database.Count($"select count(*) from lm.done where parent = {id} and outcome = {(int)SagaState.Compensated}"));
        Assert.Equal(9, await database.Count(
            $"select count(*) from lm.journal j join lm.done d on d.id = j.saga where d.parent = {id} and j.kind = {(int)JournalKind.Reverted}"));
        Assert.Equal(0, await database.Count($"select count(*) from lm.saga where {id} in (id, parent)"));
        Assert.Equal(0, await database.Count("select count(*) from lm.inbox"));
    }

    [Fact]
    public async Task A_fan_out_completes_with_what_did_and_names_what_did_not()
    {
        await using var host = await NewHost("partial");
        _world.FailsAt = "mark of partial/1";
        var id = (await host.Sagas.Start<ConvoySaga, Fleet>("partial", new Fleet("partial", 4), Soon)).Value;
        var saga = (await host.Sagas.WaitFor(id, Soon)).Value;

        Assert.Equal(SagaState.Completed, saga.State);
        Assert.True(saga.TryGet<FanOut>("trucks", out var trucks));
        Assert.Equal(["make of partial/0", "make of partial/2", "make of partial/3"], trucks.Completed<string>());
        var failed = Assert.Single(trucks.Failed());
        Assert.Equal((trucks.Runs[1], "mark of partial/1 was refused."), (failed, failed.Error));
        Assert.DoesNotContain(_world.Of("partial"), thing => thing.EndsWith("/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fan_out_of_which_too_few_complete_fails_and_leaves_nothing()
    {
        await using var host = await NewHost("too-few");
        _world.FailsAt = "mark of too-few/0";
        var id = (await host.Sagas.Start<FleetSaga, Fleet>("too-few", new Fleet("too-few", 6), Soon)).Value;
        var saga = (await host.Sagas.WaitFor(id, Soon)).Value;

        Assert.Equal((SagaState.Compensated, "trucks"), (saga.State, saga.Fault!.Facts["step"]));
        Assert.StartsWith("1 of 6 child sagas failed, and 6 must complete", saga.Fault.Message);
        Assert.Empty(_world.Of("too-few"));
    }

    [Fact]
    public async Task A_cancelled_parent_takes_its_children_with_it()
    {
        await using var host = await NewHost("cancelled");
        await host.Joined();
        var id = (await host.Sagas.Start<WaitingParent, Approval>("cancelled", new Approval("cancelled"), Soon)).Value;
        await Eventually.True(async () => await database.Count($"select count(*) from lm.saga where parent = {id} and state = 2") == 3);
        Assert.True((await host.Sagas.Cancel(id, "no longer wanted", Soon)).IsOk);

        Assert.Equal(SagaState.Compensated, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Equal(3, await database.Count($"select count(*) from lm.done where parent = {id} and outcome = {(int)SagaState.Compensated}"));
        Assert.Empty(_world.Of("cancelled"));
    }

    private Task<MonsterUnderTest> NewHost(string name, TimeSpan? lease = null) => database.NewHost(
        services => services.AddSingleton(_world)
            .AddSaga<FleetSaga>().AddSaga<PartSaga>().AddSaga<ConvoySaga>().AddSaga<WaitingParent>().AddSaga<ApprovalSaga>(),
        name,
        new LittleMonsterSettings { Lease = lease ?? TimeSpan.FromSeconds(10) });

    /// <summary>Half of its trucks are enough.</summary>
    private sealed class ConvoySaga : Saga<Fleet>
    {
        protected internal override void Define(SagaBuilder<Fleet> saga)
        {
            saga.Name("test.convoy").Deadline(TimeSpan.FromMinutes(10));
            saga.FanOut<PartSaga, Part>(
                "trucks",
                x => [.. Enumerable.Range(0, x.Input.Trucks).Select(truck => new Part($"{x.Input.Name}/{truck}"))],
                concurrency: 2,
                atLeast: count => count / 2);
        }
    }

    /// <summary>Waits for children that wait for somebody's word.</summary>
    private sealed class WaitingParent : Saga<Approval>
    {
        protected internal override void Define(SagaBuilder<Approval> saga)
        {
            saga.Name("test.waiting-parent").Deadline(TimeSpan.FromMinutes(10));
            saga.FanOut<ApprovalSaga, Approval>(
                "words", x => [.. Enumerable.Range(0, 3).Select(n => new Approval($"{x.Input.Name}/{n}"))], concurrency: 3);
        }
    }
}
