using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests;

/// <summary>A host of the old build is replaced by one of the new build, while sagas of the old version live.</summary>
public sealed class UpgradeOnPostgresTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly FleetWorld _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_live_saga_goes_on_as_the_new_version_and_keeps_what_it_has()
    {
        var id = await StartOnOld("goes-on");
        await using var host = await NewHost("goes-on", services => services.AddSaga<Permit2>());
        await Eventually.True(async () => (await host.Sagas.Find(id, Soon)).Value is { State: SagaState.Waiting, Step: "approved", Version: 2 });
        await host.Sagas.Signal(id, "approved", "good", Soon);
        var ended = (await host.Sagas.WaitFor(id, Soon)).Value;

        Assert.Equal(SagaState.Completed, ended.State);
        Assert.Equal(["draft of goes-on", "good permit of goes-on", "stamp of goes-on"], _world.Of("goes-on"));
        Assert.Equal(1, await database.Count($"select count(*) from lm.journal where saga = {id} and kind = {(int)JournalKind.Upgraded}"));
    }

    [Fact]
    public async Task Without_an_upgrade_it_is_parked_until_a_host_comes_that_knows_it()
    {
        var id = await StartOnOld("parked");
        await using (var host = await NewHost("parked", services => services.AddSaga<Permit3>()))
        {
            await host.Joined();
            Assert.Equal(SagaState.Parked, (await host.Sagas.Find(id, Soon)).Value.State);
            await host.Sagas.Signal(id, "approved", "patient", Soon);
        }

        await using var old = await NewHost("parked", services => services.AddSaga<Permit1>());
        Assert.Equal(SagaState.Completed, (await old.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Contains("patient permit of parked", _world.Of("parked"));
    }

    [Fact]
    public async Task One_that_is_being_undone_is_undone_as_the_new_version()
    {
        var id = await StartOnOld("back");
        await using var host = await NewHost("back", services => services.AddSaga<Permit2>());
        await host.Sagas.Cancel(id, "no longer wanted", Soon);

        Assert.Equal(SagaState.Compensated, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Empty(_world.Of("back"));
    }

    [Fact]
    public async Task A_child_that_completed_as_the_old_version_is_undone_as_the_new_one()
    {
        var old = await NewHost("child", services => services.AddSaga<Office<Permit1>>().AddSaga<Permit1>());
        await old.Joined();
        var id = (await old.Sagas.Start<Office<Permit1>, Approval>("child", new Approval("child"), Soon)).Value;
        await Eventually.True(async () => await database.Count($"select count(*) from lm.saga where parent = {id} and state = 2") == 1);
        var child = new SagaId(await database.Count($"select id from lm.saga where parent = {id}"));
        await old.Sagas.Signal(child, "approved", "good", Soon);
        Assert.Equal(SagaState.Completed, (await old.Sagas.WaitFor(child, Soon)).Value.State);
        await Eventually.True(async () => (await old.Sagas.Find(id, Soon)).Value.Step == "closed");
        await old.Kill();

        await using var host = await NewHost("child", services => services.AddSaga<Office<Permit2>>().AddSaga<Permit2>());
        await host.Sagas.Cancel(id, "no longer wanted", Soon);

        Assert.Equal(SagaState.Compensated, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Empty(_world.Of("child"));
        Assert.Equal(2, await database.Count($"select ver from lm.done where id = {child}"));
    }

    /// <summary>A saga that waits for its signal, on a host that is gone.</summary>
    private async Task<SagaId> StartOnOld(string name)
    {
        var old = await NewHost(name, services => services.AddSaga<Permit1>());
        await old.Joined();
        var id = (await old.Sagas.Start<Permit1, Approval>(name, new Approval(name), Soon)).Value;
        await Eventually.True(async () => (await old.Sagas.Find(id, Soon)).Value is { State: SagaState.Waiting, Step: "approved" });
        await old.Kill();
        return id;
    }

    private Task<MonsterUnderTest> NewHost(string name, Action<IServiceCollection> sagas) => database.NewHost(
        services =>
        {
            services.AddSingleton(_world);
            sagas(services);
        },
        name);

    private abstract class Permit(FleetWorld world, int version) : Saga<Approval>
    {
        protected internal override void Define(SagaBuilder<Approval> saga)
        {
            saga.Name("test.permit").Version(version).Deadline(TimeSpan.FromHours(1));
            saga.Step("draft", Effect.Token, x => world.Make("draft", x.Input.Name, x.Token), x => world.Remove(x.Token));
            if (version == 3)
            {
                return;
            }

            var word = saga.Signal<string>("approved", TimeSpan.FromHours(1));
            if (version == 2)
            {
                saga.Step("stamp", Effect.Token, x => world.Make("stamp", x.Input.Name, x.Token), x => world.Remove(x.Token));
                saga.Upgrade(1, shape => shape);
            }

            saga.Step("make", Effect.Token, x => world.Make($"{x.Get(word)} permit", x.Input.Name, x.Token), x => world.Remove(x.Token));
        }
    }

    private sealed class Permit1(FleetWorld world) : Permit(world, 1);

    private sealed class Permit2(FleetWorld world) : Permit(world, 2);

    private sealed class Permit3(FleetWorld world) : Permit(world, 3);

    private sealed class Office<TPermit> : Saga<Approval>
        where TPermit : Saga<Approval>
    {
        protected internal override void Define(SagaBuilder<Approval> saga)
        {
            saga.Name("test.office").Deadline(TimeSpan.FromHours(2));
            saga.Child<TPermit, Approval>("permit", x => x.Input);
            saga.Signal<string>("closed", TimeSpan.FromHours(1));
        }
    }
}
