using System.Collections.Concurrent;
using System.Diagnostics;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests;

/// <summary>Whose step is called next, and how many calls a target gets.</summary>
public sealed class TurnsOnPostgresTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly Desk _desk = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task When_there_is_no_room_for_all_the_urgent_go_first()
    {
        await using var host = await NewHost(new LittleMonsterSettings { StepsMax = 1 });
        await host.Joined();
        _desk.Closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Start(host, new Visit("first", SagaPriority.Normal));
        await Eventually.True(() => _desk.Served.Count == 1);
        var waiting = new List<SagaId>();
        foreach (var priority in new[] { SagaPriority.Low, SagaPriority.Normal, SagaPriority.High, SagaPriority.Low, SagaPriority.High })
        {
            waiting.Add(await Start(host, new Visit($"{priority}-{waiting.Count}", priority)));
        }

        await Eventually.True(async () => (await database.Count("select count(*) from lm.saga")) == 6);
        _desk.Closed.SetResult();
        foreach (var id in waiting)
        {
            await host.Sagas.WaitFor(id, Soon);
        }

        Assert.Equal(["first", "High-2", "High-4", "Normal-1", "Low-0", "Low-3"], _desk.Served);
    }

    [Fact]
    public async Task A_burst_to_one_target_is_spread_and_holds_nobody_else_up()
    {
        var settings = new LittleMonsterSettings { Limits = { ["desk"] = new() { PerSecond = 20, Burst = 5, Concurrent = 3 } } };
        await using var host = await NewHost(settings);
        await host.Joined();
        var begun = Stopwatch.GetTimestamp();
        var limited = await Task.WhenAll(Enumerable.Range(0, 35).Select(n => Start(host, new Visit($"limited-{n}", Target: "desk/counter"))));
        var free = await Start(host, new Visit("free", Target: "elsewhere"));
        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(free, Soon)).Value.State);
        Assert.True(_desk.Served.Count < 35, "the free one waited for the limited ones");
        foreach (var id in limited)
        {
            Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        }

        // Five at once, and thirty at twenty a second.
        Assert.True(Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(1.4), $"{Stopwatch.GetElapsedTime(begun)}");
        Assert.InRange(_desk.Most, 1, 4);
    }

    [Fact]
    public async Task A_target_that_says_it_is_asked_too_often_is_asked_half_as_often()
    {
        var settings = new LittleMonsterSettings { Limits = { ["desk"] = new() { PerSecond = 50, Burst = 1, Concurrent = 100 } } };
        await using var host = await NewHost(settings);
        await host.Joined();
        _desk.Refusals = 1;
        var begun = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Start(host, new Visit($"half-{n}", Target: "desk"))));
        foreach (var id in all)
        {
            Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        }

        // 0.8 s at the full pace; 1.4 s at one that begins at a half and gains a tenth a second.
        Assert.True(Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(1.2), $"{Stopwatch.GetElapsedTime(begun)}");
    }

    [Fact]
    public async Task A_limit_without_a_target_fails_its_saga_only()
    {
        await using var host = await NewHost(new LittleMonsterSettings { Limits = { ["desk"] = new() } });
        var id = await Start(host, new Visit("lost", Target: "?"));
        var ended = (await host.Sagas.WaitFor(id, Soon)).Value;

        Assert.Equal(SagaState.Compensated, ended.State);
        Assert.Equal("The limit of step 'serve' has no target: nowhere to go", ended.Fault!.Message);
    }

    private static async Task<SagaId> Start(MonsterUnderTest host, Visit visit) =>
        (await host.Sagas.Start<VisitSaga, Visit>(visit.Name, visit, Soon)).Value;

    private Task<MonsterUnderTest> NewHost(LittleMonsterSettings settings) =>
        database.NewHost(services => services.AddSingleton(_desk).AddSaga<VisitSaga>(), settings: settings);

    private sealed record Visit(string Name, SagaPriority Priority = SagaPriority.Normal, string Target = "elsewhere");

    private sealed class VisitSaga(Desk desk) : Saga<Visit>
    {
        protected internal override void Define(SagaBuilder<Visit> saga)
        {
            saga.Name("test.visit").Deadline(TimeSpan.FromMinutes(5)).Priority(visit => visit.Priority);
            saga.Step(
                "serve",
                Effect.Token,
                Do: x => desk.Serve(x.Input.Name),
                limit: visit => visit.Target == "?" ? throw new InvalidOperationException("nowhere to go") : visit.Target);
        }
    }

    private sealed class Desk
    {
        private readonly Lock _lock = new();
        private int _now;

        public ConcurrentQueue<string> Served { get; } = new();

        /// <summary>Visitors at the same time, at most.</summary>
        public int Most { get; private set; }

        public int Refusals { get; set; }

        public TaskCompletionSource? Closed { get; set; }

        public async Task<Outcome> Serve(string name)
        {
            lock (_lock)
            {
                Most = Math.Max(Most, ++_now);
                if (Refusals-- > 0)
                {
                    _now--;
                    return new Fault(FaultKind.Throttled, "One at a time, please.");
                }
            }

            Served.Enqueue(name);
            await (Closed?.Task ?? Task.CompletedTask);
            lock (_lock)
            {
                _now--;
            }

            return Outcome.Ok;
        }
    }
}
