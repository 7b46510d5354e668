using System.Text.Json;
using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>Sagas that began as one version and go on as the next.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public Task A_saga_is_upgraded_at_any_point_and_finishes_or_leaves_nothing() =>
        SagaKit.UpgradesAtEveryPoint(() => Case(Same));

    [Fact]
    public Task A_child_that_completed_as_the_old_version_is_undone_as_the_new_one() => SagaKit.UpgradesAtEveryPoint(() =>
    {
        var world = new FleetWorld();
        return new SagaCase<Shop1>(new Mall<ShopV1, Shop1>(world, shop => shop), new Shop1("x"), () => Assert.Empty(world.Things), world.ToString)
        {
            Arrange = run => run.With(new ShopV1(world)),
            Next = [new Mall<ShopV2, Shop2>(world, shop => new Shop2(shop.Name, "EUR")), new ShopV2(world, Same)],
        };
    });

    [Fact]
    public async Task The_kit_sees_an_upgrade_that_goes_back_behind_a_step_that_may_have_begun()
    {
        var upgrades = () => SagaKit.UpgradesAtEveryPoint(() => Case(shape => shape is { Step: "open", Undoing: false } ? "greet" : shape.Step));
        var error = await Assert.ThrowsAsync<SagaKitException>(upgrades);
        Assert.StartsWith("Something is left after failing 'greet' (After), upgraded after Do of saga 4711 at 'open'", error.Message);
    }

    [Fact]
    public async Task It_goes_on_with_its_results_and_a_changed_input()
    {
        var world = new FleetWorld();
        var run = await InMemory(world, point => point is { Act: SagaAct.Commit, After: false, Step: "build" }, new ShopV2(world, Same));

        Assert.Equal(SagaState.Completed, run.State);
        Assert.Equal("build of x,greet EUR of x,open build of x of x", string.Join(',', world.Of("x")));
    }

    [Fact]
    public async Task Without_an_upgrade_it_is_parked()
    {
        var run = await InMemory(new FleetWorld(), point => point.Act is SagaAct.Commit, new ShopV3());
        Assert.Equal(SagaState.Parked, run.State);
    }

    [Fact]
    public async Task One_that_puts_it_at_a_step_that_is_not_there_parks_it_and_says_so()
    {
        var run = await InMemory(new FleetWorld(), point => point.Act is SagaAct.Commit, new ShopV2(new FleetWorld(), _ => "nowhere"));

        Assert.Equal(SagaState.Parked, run.State);
        Assert.EndsWith("The upgrade of test.shop from version 1 puts it at step 'nowhere', which version 2 does not have.", run.Fault!.Message);
    }

    [Fact]
    public void A_saga_that_has_not_got_its_key_is_upgraded_in_its_row_and_calls_nothing()
    {
        var world = new FleetWorld();
        var saga = new SagaRecord
        {
            Id = new SagaId(1),
            Key = "k",
            Shard = 0,
            Name = "test.shop",
            Version = 1,
            StartedAt = default,
            Deadline = DateTimeOffset.MaxValue,
            Input = "{\"name\":\"x\"}"u8.ToArray(),
            State = SagaState.Running,
            Step = 1,
            Seq = 2,
        };
        var upgraded = Decide.Next(new ShopV2(world, Same).Build(), saga, new SagaEvent.UpgradeDue(["build", "open"]), default, 0);

        Assert.Null(upgraded.Move);
        Assert.Equal((2, 2, 3), (upgraded.Saga.Version, upgraded.Saga.Step, upgraded.Saga.Seq));
        Assert.True(upgraded.Write!.NewInput);
        Assert.Equal("{\"name\":\"x\",\"currency\":\"EUR\"}", System.Text.Encoding.UTF8.GetString(upgraded.Saga.Input.Span));
    }

    [Fact]
    public void One_that_puts_it_at_another_step_enters_that_step()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var at = new SagaRecord
        {
            Id = new SagaId(1),
            Key = "k",
            Shard = 0,
            Name = "test.shop",
            Version = 1,
            StartedAt = now,
            Deadline = now + TimeSpan.FromHours(1),
            Input = "{}"u8.ToArray(),
            State = SagaState.Running,
            Seq = 2,
            Attempt = 3,
            Recovered = true,
        };
        var sleeps = Next(new ShopV4("sleep"), at, new SagaEvent.UpgradeDue(["build", "open"]), now);
        Assert.Equal((now + TimeSpan.FromMinutes(1), 1), (sleeps.Saga.DueAt, sleeps.Saga.Attempt));

        // What can be done only once is entered with the intent to, and is in doubt only after a crash from there.
        var once = Next(new ShopV4("once"), at, new SagaEvent.UpgradeDue(["build", "open"]), now);
        Assert.True(once.Saga.Intent);
        Assert.Equal(new Move.Call(1, false, 1), Next(new ShopV4("once"), once.Saga, new SagaEvent.Resumed(), now).Move);
        var crashed = Next(new ShopV4("once"), once.Saga with { Recovered = true }, new SagaEvent.Resumed(), now);
        Assert.Equal(SagaState.Stuck, crashed.Saga.State);

        static Decision Next(ShopV4 saga, SagaRecord record, SagaEvent happened, DateTimeOffset now) =>
            Decide.Next(saga.Build(), record, happened, now, 0);
    }

    private static string Same(SagaShape shape) => shape.Step;

    private static SagaCase<Shop1> Case(Func<SagaShape, string> step)
    {
        var world = new FleetWorld();
        return new(new ShopV1(world), new Shop1("x"), () => Assert.Empty(world.Things), world.ToString) { Next = [new ShopV2(world, step)] };
    }

    private static async Task<SagaRun> InMemory(FleetWorld world, Func<SagaPoint, bool> at, Saga next)
    {
        var whole = await new SagaInMemory<Shop1>(new ShopV1(new FleetWorld())).Run(new Shop1("x"));
        var point = whole.Points.Index().First(one => at(one.Item)).Index;
        return await new SagaInMemory<Shop1>(new ShopV1(world)).UpgradeTo(next).CrashAt(point).Run(new Shop1("x"));
    }

    private sealed record Shop1(string Name);

    private sealed record Shop2(string Name, string Currency);

    private sealed class ShopV1(FleetWorld world) : Saga<Shop1>
    {
        protected internal override void Define(SagaBuilder<Shop1> saga)
        {
            saga.Name("test.shop").Version(1).Deadline(TimeSpan.FromHours(1));
            saga.Step("build", Effect.Token, x => world.Make("build", x.Input.Name, x.Token), x => world.Remove(x.Token));
            saga.Step("open", Effect.Token, x => world.Make("open", x.Input.Name, x.Token), x => world.Remove(x.Token));
        }
    }

    /// <summary>Has a step between the two, and an input with a currency.</summary>
    private sealed class ShopV2(FleetWorld world, Func<SagaShape, string> step) : Saga<Shop2>
    {
        protected internal override void Define(SagaBuilder<Shop2> saga)
        {
            saga.Name("test.shop").Version(2).Deadline(TimeSpan.FromHours(1));
            var built = saga.Step("build", Effect.Token, x => world.Make("build", x.Input.Name, x.Token), x => world.Remove(x.Token));
            saga.Step("greet", Effect.Token, x => world.Make($"greet {x.Input.Currency}", x.Input.Name, x.Token), x => world.Remove(x.Token));
            saga.Step("open", Effect.Token, x => world.Make($"open {x.Get(built)}", x.Input.Name, x.Token), x => world.Remove(x.Token));
            saga.Upgrade(1, shape => shape with
            {
                Step = step(shape),
                Input = JsonSerializer.SerializeToElement(
                    new Shop2(shape.Input.GetProperty("name").GetString()!, "EUR"), FuryJson.Options),
            });
        }
    }

    /// <summary>Has a shop as its child, whatever the shop's version, and then makes something itself.</summary>
    private sealed class Mall<TShop, TInput>(FleetWorld world, Func<Shop1, TInput> input) : Saga<Shop1>
        where TShop : Saga<TInput>
        where TInput : notnull
    {
        protected internal override void Define(SagaBuilder<Shop1> saga)
        {
            saga.Name("test.mall").Deadline(TimeSpan.FromHours(2));
            saga.Child<TShop, TInput>("shop", x => input(x.Input));
            saga.Step("roof", Effect.Token, x => world.Make("roof", x.Input.Name, x.Token), x => world.Remove(x.Token));
        }
    }

    private sealed class ShopV3 : Saga<Shop2>
    {
        protected internal override void Define(SagaBuilder<Shop2> saga)
        {
            saga.Name("test.shop").Version(3).Deadline(TimeSpan.FromHours(1));
            saga.Step("open", Effect.Pure, _ => Task.FromResult(Outcome.Ok));
        }
    }

    private sealed class ShopV4(string step) : Saga<Shop2>
    {
        protected internal override void Define(SagaBuilder<Shop2> saga)
        {
            saga.Name("test.shop").Version(4).Deadline(TimeSpan.FromHours(1));
            saga.Sleep("sleep", TimeSpan.FromMinutes(1));
            saga.Step("once", Effect.Once, _ => Task.FromResult(Outcome.Ok));
            saga.Upgrade(1, shape => shape with { Step = step });
        }
    }
}
