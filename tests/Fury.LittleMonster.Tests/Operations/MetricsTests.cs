using System.Runtime.CompilerServices;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests.Operations;

/// <summary>Metrics belong to the process, so these tests run when no others do.</summary>
[CollectionDefinition("The meters of the process", DisableParallelization = true)]
public sealed class MetersOfTheProcess;

[Collection("The meters of the process")]
public sealed class MetricsTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task What_waits_for_room_and_since_when_is_shown()
    {
        using var heard = new Heard();
        var mayGoOn = new TaskCompletionSource();
        _world.Before("do:one", async () =>
        {
            await mayGoOn.Task;
            return null;
        });
        var settings = new LittleMonsterSettings { Lease = TimeSpan.FromSeconds(10), StepsMax = 1 };
        await using var host = await database.NewHost(services => services.AddSingleton(_world).AddSaga<ThreeStepSaga>(), settings: settings);
        await host.Joined();
        for (var n = 0; n < 3; n++)
        {
            await host.Sagas.Start<ThreeStepSaga, Order>($"queued-{n}", new Order("x"), Soon);
        }

        await Eventually.True(() => heard["lm.queue.depth"] == 2 && heard["lm.steps.running"] == 1);
        Assert.Equal((3, 256), (heard["lm.sagas.live state=running"], heard["lm.shards.owned"]));
        var age = heard["lm.queue.oldest"];
        await Eventually.True(() => heard["lm.queue.oldest"] > age + 1);
        Assert.InRange(heard["lm.queue.oldest"], 1, 20);

        mayGoOn.SetResult();
        await Eventually.True(() => heard["lm.queue.depth"] == 0 && heard["lm.sagas.live state=running"] == 0);
        Assert.Equal((0, 3), (heard["lm.queue.oldest"], heard["lm.sagas.started"]));
        Assert.Equal(3, heard["lm.sagas.ended outcome=completed saga=test.three-steps"]);
        Assert.Equal(3, heard["lm.step.duration answer=done direction=do saga=test.three-steps step=two"]);
        Assert.True(heard["lm.flushes"] >= 4);
    }

    [Fact]
    public async Task Retries_of_steps_and_of_undos_are_counted_and_a_stuck_saga_is_shown_so_and_counted_once()
    {
        using var heard = new Heard();
        _world.Refuse("do:create", FaultKind.Unavailable, times: 2);
        _world.Refuse("do:attach", FaultKind.Conflict);
        _world.Refuse("undo:create", FaultKind.Forbidden);
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("counted");
        await host.Desk.Skip(saga.Id, new DeskOrder("ann", "for another place"), null, Soon);
        await host.In(saga.Id, SagaState.Compensated);
        await host.Run("counted");

        Assert.Equal(1, heard["lm.sagas.started"]);
        Assert.Equal(2 + 4, heard["lm.step.retries saga=test.launch step=create"]);
        Assert.Equal(2, heard["lm.step.duration answer=refused direction=do saga=test.launch step=create"]);
        Assert.Equal(5, heard["lm.step.duration answer=refused direction=undo saga=test.launch step=create"]);
        Assert.Equal(1, heard["lm.sagas.ended outcome=stuck saga=test.launch"]);
        Assert.Equal(1, heard["lm.sagas.ended outcome=compensated saga=test.launch"]);
    }

    [Fact]
    public async Task An_order_that_a_stuck_saga_refuses_does_not_count_it_again()
    {
        using var heard = new Heard();
        _world.Refuse("do:pay", FaultKind.Unavailable);
        await using var host = await database.NewHost(_world);
        var id = (await host.Sagas.Start<PaySaga, Order>("refuses", new Order("refuses"), Soon)).Value;
        var saga = await host.In(id, SagaState.Stuck);
        var late = new SagaOrder("ann", "too late", null, new SagaPlace(saga.Revision - 1, "pay"));
        await host.Get<ISagaStore>().Request(
            new InboxRequest(SagaToken.Shard("refuses"), id, InboxKind.Retry, Inbox.Order(late)), null, Soon);
        await Eventually.True(async () => (await host.Sagas.Find(id, Soon)).Value.Revision > saga.Revision);

        Assert.Equal(1, heard["lm.sagas.ended outcome=stuck saga=test.pay"]);
        await Eventually.True(() => heard["lm.sagas.live state=stuck"] == 1);
    }

    [Fact]
    public async Task A_lease_is_lost_when_it_runs_out()
    {
        using var heard = new Heard();
        await using var host = await database.NewHost(_world, "runs-out", TimeSpan.FromSeconds(1));
        await host.Joined();
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("lock table lm.host in exclusive mode", connection);
        await command.ExecuteNonQueryAsync();
        await Eventually.True(() => heard["lm.lease.losses"] >= 1);
    }

    [Fact]
    public async Task A_lease_is_lost_once_when_others_say_so_and_not_when_a_host_stops()
    {
        using var heard = new Heard();
        await using var host = await database.NewHost(_world, "declared-dead", TimeSpan.FromMinutes(5));
        await host.Joined();
        await database.Count("with dead as (update lm.host set dead = true where name = 'declared-dead' returning 1) select count(*) from dead");
        await Eventually.True(() => heard["lm.lease.losses"] == 1);
        await host.Run("joined-anew");
        await host.DisposeAsync();
        Assert.Equal(1, heard["lm.lease.losses"]);
    }

    [Fact]
    public void The_page_names_every_metric()
    {
        using var heard = new Heard();
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/little-monster.md"));
        Assert.True(heard.Instruments.Count >= 15);
        Assert.All(heard.Instruments, instrument => Assert.Contains($"`{instrument}`", page));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
