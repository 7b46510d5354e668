using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

public sealed class SleepTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(3600)]
    public async Task A_sleep_ends_when_its_time_has_come(int seconds)
    {
        var run = await new SagaInMemory<Nap>(new NapSaga(new FleetWorld())).Run(new Nap(seconds));

        Assert.Equal(SagaState.Completed, run.State);
        Assert.Equal(TimeSpan.FromSeconds(Math.Max(0, seconds)), run.Elapsed);
        Assert.Equal(["do:lie-down", "do:get-up"], run.Calls);
    }

    [Fact]
    public async Task Crashes_do_not_make_it_longer()
    {
        var whole = await new SagaInMemory<Nap>(new NapSaga(new FleetWorld())).Run(new Nap(3600));
        for (var point = 0; point < whole.Points.Count; point++)
        {
            var run = await new SagaInMemory<Nap>(new NapSaga(new FleetWorld())).CrashAt(point).Run(new Nap(3600));
            Assert.Equal((SagaState.Completed, whole.Elapsed), (run.State, run.Elapsed));
        }
    }

    [Fact]
    public async Task One_that_would_last_beyond_the_sagas_deadline_fails_then()
    {
        var world = new FleetWorld();
        var run = await new SagaInMemory<Nap>(new NapSaga(world)).Run(new Nap(1_000_000));

        Assert.Equal((SagaState.Compensated, "sleep", TimeSpan.FromDays(1)), (run.State, run.FailedStep, run.Elapsed));
        Assert.Empty(world.Things);
    }

    [Fact]
    public Task A_saga_that_sleeps_is_undone_when_it_is_cancelled() => SagaKit.CancelsAtEveryPoint(() =>
    {
        var world = new FleetWorld();
        return new SagaCase<Nap>(new NapSaga(world), new Nap(60), () => Assert.Empty(world.Things), world.ToString);
    });

    [Fact]
    public async Task One_whose_length_cannot_be_told_parks_its_saga_and_says_why()
    {
        var run = await new SagaInMemory<Nap>(new NapSaga(new FleetWorld())).Run(new Nap(int.MaxValue));

        Assert.Equal(SagaState.Parked, run.State);
        Assert.Contains("too long", run.Fault!.Message, StringComparison.Ordinal);
    }

    private sealed record Nap(int Seconds);

    private sealed class NapSaga(FleetWorld world) : Saga<Nap>
    {
        protected internal override void Define(SagaBuilder<Nap> saga)
        {
            saga.Name("test.nap").Deadline(TimeSpan.FromDays(1));
            saga.Step("lie-down", Effect.Token, x => world.Make("bed", "nap", x.Token), x => world.Remove(x.Token));
            saga.Sleep("sleep", nap => nap.Seconds == int.MaxValue
                ? throw new InvalidOperationException("That is too long.")
                : TimeSpan.FromSeconds(nap.Seconds));
            saga.Step("get-up", Effect.Pure, _ => Task.FromResult(Outcome.Ok));
        }
    }
}
