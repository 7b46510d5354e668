using Fury.Kernel;
using Fury.Testing;

namespace Fury.LittleMonster.Tests;

public sealed class SagaKitTests
{
    [Fact]
    public Task A_failure_at_any_step_leaves_nothing_behind() => SagaKit.FailsAtEveryStep(Launch);

    [Fact]
    public Task A_crash_at_any_point_changes_nothing_in_the_end() => SagaKit.CrashesAtEveryPoint(Launch);

    [Fact]
    public Task Every_call_may_come_twice() => SagaKit.TakesEveryCallTwice(Launch);

    [Fact]
    public async Task The_kit_sees_an_undo_that_forgets()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SagaKit.FailsAtEveryStep(() => Case(new Forgetful())));
        Assert.StartsWith("Something is left after failing 'make' (After)", error.Message);
    }

    [Fact]
    public async Task The_kit_sees_an_undo_that_does_not_accept_that_the_step_never_happened()
    {
        var error = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => SagaKit.FailsAtEveryStep(() => Case(new Strict())));
        Assert.Contains("failing 'make' (Instead): Stuck", error.Message);
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
        public HashSet<Guid> Made { get; } = [];
    }

    private sealed class Forgetful : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) =>
            saga.Name("test.forgetful").Deadline(TimeSpan.FromMinutes(1)).Step(
            "make",
            Effect.Token,
            Do: x => Task.FromResult<Outcome<bool>>(Made.Add(x.Token)),
            Undo: _ => Task.FromResult(Outcome.Ok));
    }

    private sealed class Strict : Leaky
    {
        protected internal override void Define(SagaBuilder<Order> saga) =>
            saga.Name("test.strict").Deadline(TimeSpan.FromMinutes(1)).Step(
            "make",
            Effect.Token,
            Do: x => Task.FromResult<Outcome<bool>>(Made.Add(x.Token)),
            Undo: x => Task.FromResult(Made.Remove(x.Token) ? Outcome.Ok : Fault.NotFound("thing", x.Token)));
    }
}
