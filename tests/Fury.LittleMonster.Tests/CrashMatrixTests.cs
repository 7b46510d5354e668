using System.Diagnostics;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

/// <summary>
/// The same matrix with the real engine on PostgreSQL: the host dies before and after every durable write (flushes, and what its steps ask for
/// outside of them) and before and after every external effect; its successor finishes. Generated: an unbroken run is counted, and then
/// broken at each number.
/// </summary>
public sealed class CrashMatrixTests(MonsterDatabase database, ITestOutputHelper output) : IClassFixture<MonsterDatabase>
{
    /// <summary>Points of one row of the matrix that are tried on every test run; the soak tries all.</summary>
    private const int SampleMax = 14;

    private const int Seed = 20260301;

    private static int _fleets;

    private readonly FleetWorld _world = new();
    private readonly Counter _flushes = new();
    private readonly Counter _requests = new();
    private int _runs;

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public Task A_saga_that_loses_its_host_anywhere_completes_with_each_effect_once() => Row(null, int.MaxValue);

    [Theory]
    [InlineData("create of *")]
    [InlineData("ready of *")]
    [InlineData("mark of */depot")]
    [InlineData("make of */1")]
    [InlineData("attach of *")]
    public Task A_saga_that_fails_and_loses_its_host_anywhere_leaves_nothing(string failing) => Row(failing, SampleMax);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("create of *")]
    [InlineData("ready of *")]
    [InlineData("make of */depot")]
    [InlineData("mark of */depot")]
    [InlineData("make of */0")]
    [InlineData("make of */1")]
    [InlineData("mark of */2")]
    [InlineData("attach of *")]
    public Task A_saga_that_fails_and_loses_its_host_at_any_point_of_all_leaves_nothing(string failing) => Row(failing, int.MaxValue);

    private async Task Row(string? failing, int sampleMax)
    {
        var begun = Stopwatch.GetTimestamp();
        var name = $"matrix-{failing}";
        var host = await NewHost(name);
        await host.Joined();

        // Unbroken, and counted.
        Counter[] counters = [_flushes, _requests, _world.Effects];
        var before = counters.Select(counter => counter.Count).ToArray();
        var expected = await Run(host, failing, null);
        var points = counters.Zip(before)
            .SelectMany(one => Enumerable.Range(1, one.First.Count - one.Second).SelectMany(n => new[] { (one.First, n, false), (one.First, n, true) }))
            .ToArray();
        var all = points.Length;
        if (all > sampleMax)
        {
            new Random(Seed).Shuffle(points);
            points = points[..sampleMax];
        }

        foreach (var (counter, number, after) in points)
        {
            Array.ForEach(counters, one => one.Live());
            // The successor of one run is the victim of the next.
            var victim = host;
            var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            counter.At(number, after, () =>
            {
                victim.Monster.Kill();
                killed.SetResult();
            });
            var run = await Run(host, failing, killed.Task, async () =>
            {
                await victim.Kill();
                await Eventually.True(() => _world.Effects.UnderWay == 0);
                Array.ForEach(counters, one => one.Live());
                return host = await NewHost(name);
            });
            var what = counter == _flushes ? "flush" : counter == _requests ? "request" : "effect";
            Assert.True(expected == run, $"{(after ? "after" : "before")} {what} {number}: {run}, expected {expected}");
        }

        await host.DisposeAsync();
        output.WriteLine($"{points.Length} of {all} points, {_runs} runs were broken, {Stopwatch.GetElapsedTime(begun).TotalSeconds:f1} s");
    }

    private Task<MonsterUnderTest> NewHost(string name) => database.NewHost(
        services =>
        {
            services.AddSingleton(_world).AddSaga<FleetSaga>().AddSaga<PartSaga>();
            services.AddSingleton<SagaStore>();
            services.Replace(ServiceDescriptor.Singleton<ISagaStore>(
                provider => new CountingStore(provider.GetRequiredService<SagaStore>(), _requests)));
        },
        name,
        before: monster => monster.Crash = point => _flushes.Pass(point is CrashPoint.AfterCommit));

    /// <summary>Runs one saga to its end, over the death of its host, and tells all that must be equal.</summary>
    private async Task<string> Run(MonsterUnderTest host, string? failing, Task? killed, Func<Task<MonsterUnderTest>>? next = null)
    {
        var name = $"fleet-{Interlocked.Increment(ref _fleets)}";
        _world.FailsAt = failing?.Replace("*", name, StringComparison.Ordinal);
        var id = (await host.Sagas.Start<FleetSaga, Fleet>(name, new Fleet(name), Soon)).Value;
        var ended = host.Sagas.WaitFor(id, Soon);
        if (killed is not null && await Task.WhenAny(ended, killed) == killed)
        {
            _runs++;
            host = await next!();
            ended = host.Sagas.WaitFor(id, Soon);
        }

        var saga = (await ended).Value;
        Assert.All(_world.Tokens.Where(thing => thing.Key.Contains(name, StringComparison.Ordinal)), thing => Assert.Single(thing.Value));
        return $"{saga.State} {string.Join(',', _world.Of(name)).Replace(name, "*", StringComparison.Ordinal)} {await Rows(id)}";
    }

    /// <summary>What the database has of a saga and its children; gaps and repeats would show.</summary>
    private async Task<string> Rows(SagaId id)
    {
        var family = $"(select id, seq, outcome from lm.done where {id} in (id, parent))";
        var live = await database.Count($"select count(*) from lm.saga where {id} in (id, parent)");
        var whole = await database.Count(
            $"""
            select count(*) from {family} d where d.seq = (select max(j.seq) from lm.journal j where j.saga = d.id)
               and d.seq = (select count(*) from lm.journal j where j.saga = d.id)
            """);
        var repeated = await database.Count(
            $"""
            select count(*) from (
              select j.saga, j.step, j.kind from lm.journal j join {family} d on d.id = j.saga where j.kind in (2, 5)
               group by 1, 2, 3 having count(*) > 1) twice
            """);
        var completed = await database.Count($"select count(*) from {family} d where d.outcome = 7");
        var undone = await database.Count($"select count(*) from {family} d where d.outcome = 8");
        Assert.True(whole == completed + undone, $"{completed + undone - whole} journals have gaps or end elsewhere than their sagas");
        return $"{live} live, {completed} completed, {(undone > 0 ? "some" : "none")} undone, {repeated} steps recorded twice";
    }
}

