using System.Diagnostics;
using Fury.LittleMonster.Testing;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

/// <summary>A saga with a poll, a child, a fan-out and undo, crashed before and after every durable write and every call.</summary>
public sealed class CrashMatrixInMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public Task Each_effect_happens_once_or_is_undone_when_it_crashes_at_any_point() =>
        Told(() => SagaKit.CrashesAtEveryPoint(() => Fleet(trucks: 3)));

    [Fact]
    public Task And_when_it_crashes_at_any_two_points() => Told(() => SagaKit.CrashesAtEveryPoint(() => Fleet(trucks: 2), pairs: true));

    [Fact]
    public Task And_when_any_step_fails() => Told(() => SagaKit.FailsAtEveryStep(() => Fleet(trucks: 3)));

    [Fact]
    public Task And_when_every_call_is_made_twice() => Told(() => SagaKit.TakesEveryCallTwice(() => Fleet(trucks: 3)));

    [Fact]
    public Task And_when_it_is_cancelled_at_any_point() => Told(() => SagaKit.CancelsAtEveryPoint(() => Fleet(trucks: 3)));

    private async Task Told(Func<Task<int>> matrix)
    {
        var begun = Stopwatch.GetTimestamp();
        var runs = await matrix();
        output.WriteLine($"{runs} runs in {Stopwatch.GetElapsedTime(begun).TotalSeconds:f1} s");
    }

    private static SagaCase<Fleet> Fleet(int trucks)
    {
        var world = new FleetWorld();
        return new(
            new FleetSaga(world),
            new Fleet("shop", trucks),
            NothingLeft: () => Assert.Empty(world.Things),
            Snapshot: () =>
            {
                Assert.All(world.Tokens, thing => Assert.Single(thing.Value));
                return world.ToString();
            })
        {
            Arrange = run => run.With(new PartSaga(world)),
        };
    }
}
