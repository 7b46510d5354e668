using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests;

/// <summary>Signals, sleeps and polls that ask together, with the real engine.</summary>
public sealed class WaitingOnPostgresTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly FleetWorld _world = new();
    private readonly Weather _weather = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_signal_may_come_early_in_time_and_twice()
    {
        await using var host = await NewHost();
        await host.Joined();
        var early = await Start(host, "early", rest: 2);
        Assert.True((await host.Sagas.Signal(early, "approved", "first", Soon)).IsOk);
        Assert.True((await host.Sagas.Signal(early, "approved", "second", Soon)).IsOk);
        var timely = await Start(host, "timely");
        await Eventually.True(async () => (await host.Sagas.Find(timely, Soon)).Value is { State: SagaState.Waiting, Step: "approved" });
        Assert.True((await host.Sagas.Signal(timely, "approved", "third", Soon)).IsOk);

        Assert.Equal("first", await Word(host, early));
        Assert.Equal("third", await Word(host, timely));
        Assert.Equal(["draft of early", "first version of early"], _world.Of("early"));
        Assert.Equal(1, await database.Count($"select count(*) from lm.journal where saga = {early} and kind = {(int)JournalKind.SignalIgnored}"));
        Assert.Equal(FaultKind.Conflict, (await host.Sagas.Signal(early, "approved", "late", Soon)).Fault!.Kind);
        Assert.Equal(0, await database.Count("select count(*) from lm.inbox"));
    }

    [Fact]
    public async Task A_signal_that_no_step_waits_for_is_refused()
    {
        await using var host = await NewHost();
        var id = await Start(host, "picky");
        var refused = (await host.Sagas.Signal(id, "aproved", "x", Soon)).Fault!;
        Assert.Equal("signal must be one of 'approved'.", refused.Message);
        Assert.Equal(FaultKind.NotFound, (await host.Sagas.Signal(new SagaId(1), "approved", "x", Soon)).Fault!.Kind);
        await host.Sagas.Cancel(id, "enough", Soon);
        Assert.Equal(SagaState.Compensated, (await host.Sagas.WaitFor(id, Soon)).Value.State);
    }

    [Fact]
    public async Task A_signal_in_a_transaction_comes_with_its_commit_and_never_without()
    {
        await using var host = await NewHost();
        var id = await Start(host, "transaction");
        await database.Database.Transaction<bool>(async transaction =>
        {
            await host.Sagas.Signal(transaction, id, "approved", "rolled back", Soon);
            return Fault.Conflict("On second thoughts.");
        }, Soon);
        await database.Database.Transaction<bool>(async transaction =>
        {
            await host.Sagas.Signal(transaction, id, "approved", "committed", Soon);
            return true;
        }, Soon);

        Assert.Equal("committed", await Word(host, id));
    }

    [Fact]
    public async Task A_signal_that_comes_while_no_host_runs_the_saga_is_there_when_one_does()
    {
        var first = await NewHost("nobody");
        await first.Joined();
        var id = await Start(first, "nobody");
        await Eventually.True(async () => (await first.Sagas.Find(id, Soon)).Value is { State: SagaState.Waiting, Step: "approved" });
        await first.Kill();
        await using var caller = await NewHost("caller");
        Assert.True((await caller.Sagas.Signal(id, "approved", "meanwhile", Soon)).IsOk);
        await using var next = await NewHost("nobody");

        Assert.Equal("meanwhile", await Word(next, id));
    }

    [Fact]
    public async Task A_sleep_goes_on_over_a_takeover_and_gets_no_longer()
    {
        var first = await NewHost("sleeper");
        await first.Joined();
        var id = await Start(first, "sleeper", rest: 2);
        await Eventually.True(async () => (await first.Sagas.Find(id, Soon)).Value is { State: SagaState.Waiting, Step: "rest" });
        var until = await database.Count($"select (extract(epoch from due_at) * 1000)::bigint from lm.saga where id = {id}");
        await first.Kill();
        await using var next = await NewHost("sleeper");
        await next.Joined();
        Assert.Equal(until, await database.Count($"select (extract(epoch from due_at) * 1000)::bigint from lm.saga where id = {id}"));
        await next.Sagas.Signal(id, "approved", "awake", Soon);

        Assert.Equal("awake", await Word(next, id));
        var began = await database.Count(
            $"select (extract(epoch from at) * 1000)::bigint from lm.journal where saga = {id} and step = 1 and kind = {(int)JournalKind.StepDone}");

        // When it was due is told by the database's clock, and when it went on by the host's, which knows the other one as well as an answer is quick.
        Assert.InRange(began - until, -200, 5000);
    }

    [Fact]
    public async Task What_many_sagas_ask_of_one_target_goes_into_one_call_and_what_is_missing_is_asked_again()
    {
        await using var host = await NewHost();
        await host.Joined();
        _weather.Missing = true;
        var sagas = await Task.WhenAll(Enumerable.Range(0, 60).Select(async n =>
            (await host.Sagas.Start<UmbrellaSaga, Umbrella>($"many-{n}", new Umbrella(n % 2 == 0 ? "north" : "south", $"city-{n}"), Soon)).Value));
        await Eventually.True(() => _weather.Keys.Sum() >= 60);
        _weather.Missing = false;
        var ended = await Task.WhenAll(sagas.Select(id => host.Sagas.WaitFor(id, Soon)));

        Assert.All(ended, one => Assert.Equal(SagaState.Completed, one.Value.State));
        Assert.All(_weather.Keys, keys => Assert.InRange(keys, 1, Weather.KeysMax));
        Assert.True(_weather.Keys.Count < _weather.Keys.Sum() / 3, $"{_weather.Keys.Count} calls for {_weather.Keys.Sum()} questions");
        Assert.Equal(["north", "south"], _weather.Targets.Distinct().Order());
    }

    [Fact]
    public async Task A_call_that_fails_for_many_counts_as_not_yet_when_it_may_pass_and_fails_them_when_it_will_not()
    {
        await using var host = await NewHost();
        await host.Joined();
        _weather.Fault = new Fault(FaultKind.Throttled, "Too often.");
        var patient = (await host.Sagas.Start<UmbrellaSaga, Umbrella>("patient", new Umbrella("west", "a"), Soon)).Value;
        await Eventually.True(() => _weather.Keys.Count >= 3);
        Assert.Equal("Too often.", (await host.Sagas.Find(patient, Soon)).Value.WaitingFor);
        _weather.Fault = null;
        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(patient, Soon)).Value.State);

        _weather.Throws = true;
        var unlucky = (await host.Sagas.Start<UmbrellaSaga, Umbrella>("unlucky", new Umbrella("west", "b"), Soon)).Value;
        var ended = (await host.Sagas.WaitFor(unlucky, Soon)).Value;
        Assert.Equal((SagaState.Compensated, "Step 'forecast' threw InvalidOperationException: No weather."), (ended.State, ended.Fault!.Message));
    }

    private static async Task<SagaId> Start(MonsterUnderTest host, string name, int rest = 0) =>
        (await host.Sagas.Start<ApprovalSaga, Approval>(name, new Approval(name, rest), Soon)).Value;

    private static async Task<string> Word(MonsterUnderTest host, SagaId id)
    {
        var ended = (await host.Sagas.WaitFor(id, Soon)).Value;
        Assert.Equal(SagaState.Completed, ended.State);
        return ended.TryGet<string>("approved", out var word) ? word : "";
    }

    private Task<MonsterUnderTest> NewHost(string? name = null) => database.NewHost(
        services => services.AddSingleton(_world).AddSingleton(_weather).AddSaga<ApprovalSaga>().AddSaga<UmbrellaSaga>(),
        name);

    private sealed record Umbrella(string Region, string City);

    private sealed class UmbrellaSaga(Weather weather) : Saga<Umbrella>
    {
        protected internal override void Define(SagaBuilder<Umbrella> saga)
        {
            saga.Name("test.umbrella").Deadline(TimeSpan.FromMinutes(5));
            saga.Poll(
                "forecast",
                weather,
                target: x => x.Input.Region,
                key: x => x.Input.City,
                until: (_, state) => state is null ? Poll.NotYet("a forecast") : Poll.Ready(state),
                every: TimeSpan.FromMilliseconds(30),
                timeout: TimeSpan.FromMinutes(1));
        }
    }

    private sealed class Weather : PollBatch<string, string>
    {
        public const int KeysMax = 20;

        public System.Collections.Concurrent.ConcurrentQueue<int> Keys { get; } = new();

        public System.Collections.Concurrent.ConcurrentQueue<string> Targets { get; } = new();

        /// <summary>Nothing is known yet.</summary>
        public bool Missing { get; set; }

        public Fault? Fault { get; set; }

        public bool Throws { get; set; }

        public override int SizeMax => KeysMax;

        public override Task<Outcome<IReadOnlyDictionary<string, string>>> Ask(
            string target, IReadOnlyList<string> keys, CancellationToken cancellation)
        {
            Keys.Enqueue(keys.Count);
            Targets.Enqueue(target);
            if (Throws)
            {
                throw new InvalidOperationException("No weather.");
            }

            return Task.FromResult(Fault is { } fault
                ? fault
                : (Outcome<IReadOnlyDictionary<string, string>>)keys.Where(_ => !Missing).ToDictionary(key => key, _ => "rain"));
        }
    }
}
