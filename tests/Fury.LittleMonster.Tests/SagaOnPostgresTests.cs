using System.Diagnostics;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

public sealed class SagaOnPostgresTests(MonsterDatabase database, ITestOutputHelper output) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    [Fact]
    public async Task A_saga_runs_all_its_steps_and_leaves_the_hot_table()
    {
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("whole");

        Assert.Equal(SagaState.Completed, saga.State);
        Assert.True(saga.TryGet<int>("ready", out var ready));
        Assert.Equal(42, ready);
        Assert.Equal(["do:create", "poll:ready", "do:attach", "do:publish"], _world.Calls.Select(call => call.Split('/')[1]));
        Assert.Equal(0, await database.Count($"select count(*) from lm.saga where id = {saga.Id}"));
        Assert.Equal(5, await database.Count($"select count(*) from lm.journal where saga = {saga.Id}"));
        var ledger = $"select count(*) from lm.resource where saga = {saga.Id} and state = 2 and external_id like 'create-%'";
        Assert.Equal(1, await database.Count(ledger));
    }

    [Fact]
    public async Task Three_steps_take_a_few_milliseconds_when_nothing_else_runs()
    {
        await using var host = await database.NewHost(_world);
        await host.Joined();
        var times = new List<double>();
        for (var run = 0; run < 60; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            var id = await host.Sagas.Start<ThreeStepSaga, Order>($"quick-{run}", new Order("quick"), CancellationToken.None);
            await host.Sagas.WaitFor(id.Value, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"median {times[30]:f2} ms, p90 {times[54]:f2} ms");
        Assert.True(times[30] < 200, $"{times[30]} ms");
    }
}
