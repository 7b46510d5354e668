using System.Diagnostics;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

/// <summary>Whatever a saga's code and its callers do wrong is one clear failure of that saga, and of nothing else.</summary>
public sealed class BadInputTests(MonsterDatabase database, ITestOutputHelper output) : IClassFixture<MonsterDatabase>, IDisposable
{
    private readonly BadWorld _bad = new();
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Sagas_that_throw_hang_and_block_fail_each_for_itself_while_the_others_go_on()
    {
        await using var host = await NewHost("bad-steps", TimeSpan.FromSeconds(2));
        await host.Joined();
        var epochs = await database.Count("select count(*) from lm.host where name = 'bad-steps'");
        var blocking = (2 * Environment.ProcessorCount) + 4;
        string[] hows = ["throw", "emoji", "large", "pointer", "cycle", "hang", .. Enumerable.Range(0, blocking).Select(n => $"block-{n}")];
        var bad = new Dictionary<string, SagaId>();
        foreach (var how in hows)
        {
            bad[how] = (await host.Sagas.Start<BadSaga, Bad>(how, new Bad(how), Soon)).Value;
        }

        await Eventually.True(() => _bad.Blocked == blocking);
        var begun = Stopwatch.GetTimestamp();
        var healthy = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => host.Run($"healthy-{n}")));
        output.WriteLine($"50 sagas beside {blocking} blocked threads: {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:f0} ms");

        // They were not held up until the others were given up.
        Assert.Equal(blocking, _bad.Blocked);
        Assert.All(healthy, saga => Assert.Equal(SagaState.Completed, saga.State));
        foreach (var (how, message) in new[]
        {
            ("throw", "Step 'misbehave' threw InvalidOperationException: boom"),
            ("emoji", "Step 'misbehave' threw InvalidOperationException: xxx"),
            ("large", $"The result of step 'misbehave' has {StepRunner.ResultBytesMax + 2} bytes; at most {StepRunner.ResultBytesMax} are kept."),
            ("pointer", "Step 'misbehave' threw NotSupportedException"),
            ("cycle", "Step 'misbehave' threw JsonException"),
            ("hang", "Step 'misbehave' did not end within 00:00:00.5"),
        }.Concat(Enumerable.Range(0, blocking).Select(n => ($"block-{n}", "Step 'misbehave' did not end within 00:00:00.5"))))
        {
            var ended = (await host.Sagas.WaitFor(bad[how], Soon)).Value;
            Assert.True(ended.State is SagaState.Compensated, $"{how}: {ended.State}");
            Assert.StartsWith(message, ended.Fault!.Message);
            Assert.Equal("misbehave", ended.Fault.Facts["step"]);
        }

        Assert.Equal(hows.Length, _bad.Undone);
        Assert.Equal(epochs, await database.Count("select count(*) from lm.host where name = 'bad-steps'"));
        Assert.Equal(0, await database.Count("select count(*) from lm.host where name = 'bad-steps' and dead"));
        _bad.Unblock();
        _bad.MayEnd.SetResult();
        await Eventually.True(() => _bad.Blocked == 0);
    }

    [Fact]
    public async Task An_input_that_cannot_be_written_as_JSON_is_refused_at_the_start()
    {
        await using var host = await NewHost("bad-inputs");
        var ring = new List<object>();
        ring.Add(ring);
        foreach (var extra in new object[] { new Throwing("no value for you"), ring, new IntPtr(1), new Bad(new string('x', Starter.InputBytesMax)) })
        {
            var start = await host.Sagas.Start<BadSaga, Bad>($"bad-{extra.GetType()}", new Bad("fine") { Extra = extra }, Soon);
            Assert.Equal(FaultKind.Invalid, start.Fault!.Kind);
            Assert.StartsWith("The input of saga test.bad ", start.Fault.Message);
        }

        Assert.Equal(0, await database.Count("select count(*) from lm.start_key where key like 'test.bad:bad-%'"));
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("null")]
    [InlineData("long")]
    [InlineData("lone")]
    public async Task A_concurrency_key_that_cannot_be_is_refused_at_the_start(string key)
    {
        await using var host = await NewHost("bad-keys");
        await host.Joined();
        var start = await host.Sagas.Start<BadSaga, Bad>($"key-{key}", new Bad("fine", key), Soon);
        Assert.Equal(FaultKind.Invalid, start.Fault!.Kind);
        Assert.Contains("concurrency", start.Fault.Message, StringComparison.Ordinal);
        Assert.True(start.Fault.Message.Length < 1000);
    }

    [Fact]
    public async Task A_child_with_the_key_of_one_above_it_and_a_fan_out_that_is_too_wide_fail_their_saga()
    {
        await using var host = await NewHost("bad-children");
        var same = await host.Sagas.Start<ParentOfBad, Items>("same", new Items(3, "mine", "parent-mine"), Soon);
        var wide = await host.Sagas.Start<ParentOfBad, Items>("wide", new Items(FanOut.ItemsMax + 1), Soon);
        var ended = (await host.Sagas.WaitFor(same.Value, Soon)).Value;
        Assert.Equal(SagaState.Compensated, ended.State);
        Assert.Equal("The child test.bad would wait for its own parent: both have the concurrency key 'parent-mine'.", ended.Fault!.Message);

        var above = await host.Sagas.Start<GrandparentOfBad, Items>("above", new Items(1, "top"), Soon);
        ended = (await host.Sagas.WaitFor(above.Value, Soon)).Value;
        Assert.Equal(SagaState.Compensated, ended.State);
        Assert.EndsWith(
            $"The child test.bad would wait for saga {above.Value}, which waits for it: both have the concurrency key 'top'.", ended.Fault!.Message);

        ended = (await host.Sagas.WaitFor(wide.Value, Soon)).Value;
        Assert.Equal(SagaState.Compensated, ended.State);
        Assert.Equal("Step 'many' has 1001 items; at most 1000 are started.", ended.Fault!.Message);
        Assert.Equal(0, await database.Count($"select count(*) from lm.done where parent in ({same.Value}, {wide.Value})"));
    }

    [Fact]
    public async Task A_signal_that_cannot_be_written_as_JSON_is_refused()
    {
        await using var host = await NewHost("bad-signals");
        var refused = await host.Sagas.Signal(new SagaId(1), "any", new Throwing("no value for you"), Soon);
        Assert.Equal(FaultKind.Invalid, refused.Fault!.Kind);
        Assert.StartsWith("The value of signal 'any' cannot be written as JSON", refused.Fault.Message);
        var large = await host.Sagas.Signal(new SagaId(1), "any", new string('x', StepRunner.ResultBytesMax), Soon);
        Assert.Contains($"at most {StepRunner.ResultBytesMax} are kept", large.Fault!.Message);
    }

    public void Dispose() => _bad.Dispose();

    private Task<MonsterUnderTest> NewHost(string name, TimeSpan? lease = null) => database.NewHost(
        services => services.AddSingleton(_bad).AddSingleton(_world)
            .AddSaga<BadSaga>().AddSaga<ParentOfBad>().AddSaga<GrandparentOfBad>().AddSaga<LaunchSaga>(),
        name,
        new LittleMonsterSettings { Lease = lease ?? TimeSpan.FromSeconds(10) });
}
