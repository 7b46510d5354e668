using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>The kit that users test their sagas with: that it does what it says, and sees what it should.</summary>
public sealed class SagaKitTests
{
    [Fact]
    public Task A_failure_at_any_step_leaves_nothing_behind() => SagaKit.FailsAtEveryStep(Launch);

    [Fact]
    public Task A_crash_at_any_point_changes_nothing_in_the_end() => SagaKit.CrashesAtEveryPoint(Launch, pairs: true);

    [Fact]
    public Task Every_call_may_come_twice() => SagaKit.TakesEveryCallTwice(Launch);

    [Fact]
    public Task A_cancel_may_come_at_any_point() => SagaKit.CancelsAtEveryPoint(Launch);

    [Fact]
    public async Task Equal_scripts_give_equal_runs()
    {
        var runs = new List<SagaRun>();
        for (var n = 0; n < 2; n++)
        {
            var world = new FleetWorld();
            runs.Add(await new SagaInMemory<Fleet>(new FleetSaga(world)).With(new PartSaga(world)).CrashAt(20, 40).Run(new Fleet("shop")));
        }

        Assert.Equal(runs[0].Calls, runs[1].Calls);
        Assert.Equal(runs[0].Points, runs[1].Points);
        Assert.Equal(runs[0].Elapsed, runs[1].Elapsed);
    }

    [Fact]
    public async Task A_run_tells_the_calls_the_results_and_the_children()
    {
        var world = new FleetWorld();
        var run = await new SagaInMemory<Fleet>(new FleetSaga(world)).With(new PartSaga(world)).Run(new Fleet("shop", 1));

        Assert.Equal(SagaState.Completed, run.State);
        Assert.Equal("create of shop", run.Get<string>("create"));
        Assert.Equal("make of shop/depot", run.Get<ChildRun>("depot").Get<string>());
        Assert.Equal(["make of shop/0"], run.Get<FanOut>("trucks").Completed<string>());
        Assert.Equal(2, run.Children.Count);
        Assert.Equal(["do:create", "do:ready", "do:ready", "do:depot", "test.part/do:make"], run.Calls.Take(5));
        Assert.StartsWith("before Commit of saga 4711 at 'create'", run.Points.First(point => point.Act is SagaAct.Commit).ToString());
    }

    [Fact]
    public async Task The_kit_sees_an_undo_that_forgets()
    {
        var error = await Assert.ThrowsAsync<SagaKitException>(() => SagaKit.FailsAtEveryStep(() => Case(new Forgetful())));
        Assert.StartsWith("Something is left after failing 'make' (After)", error.Message);
    }

    [Fact]
    public async Task The_kit_sees_an_undo_that_does_not_accept_that_the_step_never_happened()
    {
        var error = await Assert.ThrowsAsync<SagaKitException>(() => SagaKit.FailsAtEveryStep(() => Case(new Strict())));
        Assert.Contains("failing 'make' (Instead): Stuck", error.Message);
    }

    [Fact]
    public async Task The_kit_sees_a_step_that_makes_a_second_thing_when_it_is_called_again()
    {
        var error = await Assert.ThrowsAsync<SagaKitException>(() => SagaKit.CrashesAtEveryPoint(() => Case(new Doubling())));
        Assert.StartsWith("Another end after crash after Do of saga 4711 at 'make'", error.Message);
        await Assert.ThrowsAsync<SagaKitException>(() => SagaKit.TakesEveryCallTwice(() => Case(new Doubling())));
    }

    [Fact]
    public async Task The_kit_refuses_to_crash_what_can_be_done_only_once()
    {
        var error = await Assert.ThrowsAsync<SagaKitException>(() => SagaKit.CrashesAtEveryPoint(() => Case(new OnlyOnce())));
        Assert.Equal("A step that can be done only once is stuck after a crash.", error.Message);
    }

    [Fact]
    public async Task A_child_that_nobody_gave_is_named()
    {
        var run = () => new SagaInMemory<Fleet>(new FleetSaga(new FleetWorld())).Run(new Fleet("shop"));
        Assert.Contains("starts PartSaga, which is not registered", (await Assert.ThrowsAsync<InvalidOperationException>(run)).Message);
    }

    private static SagaCase<Order> Launch()
    {
        var world = new World();
        world.Ready["shop"] = false;
        return new(
            new LaunchSaga(world),
            new Order("shop"),
            NothingLeft: () => Assert.Empty(world.Things),
            Snapshot: () => string.Join('\n', world.Things.OrderBy(thing => thing.Key).Select(thing => $"{thing.Key}={thing.Value}")))
        {
            WhileWaiting = () =>
            {
                world.Ready["shop"] = true;
                return Task.CompletedTask;
            },
        };
    }

    private static SagaCase<Order> Case(Leaky saga) =>
        new(saga, new Order("x"), () => Assert.Empty(saga.Made), () => string.Join(',', saga.Made));

    private abstract class Leaky : Saga<Order>
    {
        public List<Guid> Made { get; } = [];

        protected static void Define(SagaBuilder<Order> saga, Effect effect, Action<Guid> make, Func<Guid, Outcome> undo) =>
            saga.Name("test.leaky").Deadline(TimeSpan.FromMinutes(1)).Step(
                "make",
                effect,
                Do: x =>
                {
                    make(x.Token);
                    return Task.FromResult(Outcome.Ok);
                },
                Undo: x => Task.FromResult(undo(x.Token)));

        protected void Once(Guid token)
        {
            if (!Made.Contains(token))
            {
                Made.Add(token);
            }
        }

        protected Outcome Remove(Guid token)
        {
            Made.RemoveAll(one => one == token);
            return Outcome.Ok;
        }
    }

    private sealed class Forgetful : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) => Define(saga, Effect.Token, Once, _ => Outcome.Ok);
    }

    private sealed class Strict : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) =>
            Define(saga, Effect.Token, Once, token => Made.Remove(token) ? Outcome.Ok : Fault.NotFound("thing", token));
    }

    private sealed class Doubling : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) => Define(saga, Effect.Token, Made.Add, Remove);
    }

    private sealed class OnlyOnce : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) => Define(saga, Effect.Once, Made.Add, Remove);
    }
}
