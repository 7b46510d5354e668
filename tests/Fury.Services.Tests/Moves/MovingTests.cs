using Fury.Catalog.Contracts;
using Fury.Sdk;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Moving;
using Fury.Sdk.Tests.Moving;
using Fury.Services.Moves;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>
/// The platform moves a store while two instances of an application write it, by the real protocol on real servers; hosts die all the while. Nothing is lost,
/// nothing happens twice, every key stays one register, and no call fails.
/// </summary>
[Collection(MovesFixture.Name)]
public sealed class MovingTests(MovesFixture platform, ITestOutputHelper output)
{
    private const int Seed = 20261129;

    private ServiceRoute InMemory { get; } = new("local", "local", null, "local", $"{Guid.NewGuid():n}", null);

    private ServiceRoute InRedis => new("redis", "direct", platform.Redis.Endpoint.OriginalString, "local", InMemory.Resource, null);

    private ServiceRoute InPostgres => new("postgres", "direct", null, "local", InMemory.Resource, null);

    [Fact]
    public async Task A_store_moves_from_memory_to_Redis_to_PostgreSQL_while_it_is_written_and_the_host_dies_at_each_step()
    {
        var service = await platform.Service("busy", ServiceKind.KeyValue, InMemory);
        await using var app = await App.Start(platform, service);

        var deaths = 0;
        foreach (var to in new[] { InRedis, InPostgres })
        {
            await platform.Begin(service, to);
            string[] places = to.Driver == "redis"
                ? ["publish 3", "publish 5", "save", "local WriteAsync", "redis WriteAsync", "end"]
                : ["save Settle", "postgres WriteAsync"];
            deaths += await Run(service, new MoverDeaths(places));
            var move = await platform.Move(service);
            Assert.Equal(("moved", "moved"), (move.GetProperty("step").GetString(), move.GetProperty("outcome").GetString()));
            Assert.True(move.GetProperty("keys").GetInt64() >= 120, $"{move}");
            await app.Traffic.GoOn(20);
        }

        await app.End(output, $"{deaths} hosts died");
        Assert.True(deaths > 14, $"{deaths} hosts died.");
        Assert.All(app.Stores, store => Assert.Equal(("postgres", BindingState.Single), (store.Binding.Provider, store.Binding.State)));
        Assert.Empty(await Records(service, InMemory));
        Assert.Empty(await Records(service, InRedis));
        Assert.All(await Records(service, InPostgres), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
        // And the binding is anybody's again.
        var bound = (await platform.Get<IBindingMoves>().Find(service, default)).Value;
        Assert.Equal(("postgres", 1L, null), (bound.Route!.Driver, bound.TokenEpoch, bound.Move));
    }

    [Fact]
    public async Task A_move_that_is_turned_round_at_its_copy_brings_all_back()
    {
        var service = await platform.Service("returned", ServiceKind.KeyValue, InMemory);
        await using var app = await App.Start(platform, service);
        await platform.Begin(service, InRedis);

        var isCopying = new TaskCompletionSource();
        await using var mover = await platform.Mover("returned", saving: async (_, state) =>
        {
            if (state is { Step: MoveStep.Copy, Cursor: not null })
            {
                // A part is there by now; it waits until it was told.
                isCopying.TrySetResult();
                await Eventually.True(async () => (await platform.Move(service)).GetProperty("goesBack").GetBoolean());
            }
        });
        await isCopying.Task.WaitAsync(Eventually.Deadline);
        await platform.Back(service);

        await Ended(service, "returned");
        await platform.Back(service);
        await app.End(output, "returned");
        Assert.All(app.Stores, store => Assert.Equal(("local", BindingState.Single), (store.Binding.Provider, store.Binding.State)));
        Assert.Empty(await Records(service, InRedis));
        Assert.All(await Records(service, InMemory), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
    }

    [Fact]
    public async Task What_a_dead_mover_saves_late_is_refused()
    {
        var service = await platform.Service("late", ServiceKind.KeyValue, InMemory);
        await platform.Begin(service, InRedis);
        var (isFrozen, thaws, refused) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource<Exception?>());
        await using var zombie = await platform.Mover("zombie", saving: async (host, state) =>
        {
            if (state.Step == MoveStep.Copy && isFrozen.TrySetResult())
            {
                await thaws.Task;
                var id = (await platform.Move(service)).GetProperty("id").GetGuid();
                // What it would write now, by the turn that it believes to have.
                refused.SetResult(await Record.ExceptionAsync(() => Late(host, id, state)));
            }
        });
        await isFrozen.Task.WaitAsync(Eventually.Deadline);
        await platform.Execute("update lm.host set dead = true where name = 'zombie'");

        await using var heir = await platform.Mover("heir");
        await Ended(service, "moved");
        thaws.SetResult();

        Assert.IsType<MoveTakenException>(await refused.Task.WaitAsync(Eventually.Deadline));
        var move = await platform.Move(service);
        Assert.Equal("moved", move.GetProperty("step").GetString());
    }

    [Fact]
    public async Task A_mover_that_was_overtaken_saves_nothing_while_the_other_is_under_way()
    {
        var service = await platform.Service("overtaken", ServiceKind.KeyValue, InMemory);
        await platform.Begin(service, InRedis);
        var (store, id) = (platform.Get<MoveStore>(), (await platform.Move(service)).GetProperty("id").GetGuid());

        var (_, first) = (await store.Take(id, 5, default))!.Value;
        await store.Save(id, first, new("carts", MoveStep.Prepare, 2), default);
        var (taken, second) = (await store.Take(id, 6, default))!.Value;
        Assert.Equal(MoveStep.Prepare, taken.State.Step);
        await Assert.ThrowsAsync<MoveTakenException>(() => store.Save(id, first, new("carts", MoveStep.Copy, 3), default));
        await Assert.ThrowsAsync<MoveTakenException>(() => store.End(id, first, MoveOutcome.Moved, null, default));
        Assert.Null(await store.Take(id, 5, default));
        Assert.Equal((true, false, 0), await store.Look(id, first, default));
        Assert.Equal((false, false, 0), await store.Look(id, second, default));

        await store.Save(id, second, new("carts", MoveStep.Copy, 3), default);
        Assert.Equal("copy", (await platform.Move(service)).GetProperty("step").GetString());
        await store.End(id, second, MoveOutcome.Returned, null, default);
    }

    [Fact]
    public async Task An_instance_that_cannot_use_the_target_holds_the_move_up_with_its_reason_until_it_is_turned_round()
    {
        var service = await platform.Service("unable", ServiceKind.KeyValue, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"), knowsPostgres: false);
        var carts = app.Services.GetRequiredService<IFury>().KeyValue("carts");
        await carts.SetAsync("a", new byte[1]);
        await platform.Begin(service, InPostgres);
        await using var mover = await platform.Mover("unable");

        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("waitsFor", out var why)
            && why.GetString()!.StartsWith("one works by epoch 1 still, and refuses 2: ", StringComparison.Ordinal));
        Assert.Equal("prepare", (await platform.Move(service)).GetProperty("step").GetString());
        await platform.Back(service);

        await Ended(service, "returned");
        await Eventually.True(() => carts.Binding is { Epoch: 3, Provider: "local" });
        Assert.NotNull(await carts.GetAsync("a"));
        await app.StopAsync();
    }

    private static async Task Late(MoverHost host, Guid id, MoveState state)
    {
        var store = host.Get<MoveStore>();
        store.Saving = null;
        await store.Save(id, 1, state, default);
    }

    /// <summary>Hosts come and die until the move has ended; how many died.</summary>
    private async Task<int> Run(BoundService service, MoverDeaths deaths)
    {
        while (true)
        {
            await using var host = await platform.Mover($"{service.Scope.Application}-mover", deaths);
            await Eventually.True(
                async () => host.Died.IsCompleted || (await platform.Move(service)).TryGetProperty("outcome", out _),
                because: $"{await platform.Move(service)}");
            if (!host.Died.IsCompleted)
            {
                return deaths.Places.Count;
            }
        }
    }

    private Task Ended(BoundService service, string outcome) => Eventually.True(async () =>
        (await platform.Move(service)).TryGetProperty("outcome", out var ended) && ended.GetString() == outcome);

    private async Task<List<MovingRecord>> Records(BoundService service, ServiceRoute route)
    {
        await using var driver = await platform.Get<HostDrivers>().Open(service, route, default);
        var store = new MovingStore((Sdk.Drivers.IKeyValueDriver)driver);
        List<MovingRecord> records = [];
        string? from = null;
        do
        {
            var page = await store.Driver.KeysAsync(from, 100, default);
            foreach (var key in page.Keys.Distinct())
            {
                records.Add(await store.Look(key, default));
            }

            from = page.Next;
        }
        while (from is not null);
        return [.. records.Where(record => record.Revision is not null)];
    }

    /// <summary>Two instances, and what they do all the while.</summary>
    private sealed class App(IReadOnlyList<IHost> instances) : IAsyncDisposable
    {
        public IReadOnlyList<KeyValueStore> Stores { get; } =
            [.. instances.Select(each => each.Services.GetRequiredService<IFury>().KeyValue("carts"))];

        public required MoveTraffic Traffic { get; init; }

        public static async Task<App> Start(MovesFixture platform, BoundService service)
        {
            IHost[] instances =
            [
                await platform.Instance(service, "one", app => app.AddKeyValue("carts")),
                await platform.Instance(service, "two", app => app.AddKeyValue("carts")),
            ];
            var stores = instances.Select(each => each.Services.GetRequiredService<IFury>().KeyValue("carts")).ToList();
            var app = new App(instances) { Traffic = new MoveTraffic(stores, faulty: 0, Seed, pauseMs: 60) };
            await app.Traffic.Start();
            return app;
        }

        public async Task End(ITestOutputHelper output, string what)
        {
            await Traffic.GoOn(40);
            var problems = await Traffic.Stop();
            output.WriteLine($"{what}; {Traffic.Done} calls, {Traffic.Histories} keys with a history, epoch {Stores[0].Binding.Epoch}");
            Assert.True(problems.Count == 0, string.Join('\n', problems.Take(3)));
        }

        public async ValueTask DisposeAsync()
        {
            await Traffic.Stop();
            foreach (var instance in instances)
            {
                await instance.StopAsync();
                instance.Dispose();
            }
        }
    }
}
