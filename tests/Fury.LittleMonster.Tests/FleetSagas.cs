using System.Collections.Concurrent;
using Fury.Kernel;

namespace Fury.LittleMonster.Tests;

/// <summary>An idempotent target that counts every external effect, and lets a test act before and after each.</summary>
public sealed class FleetWorld
{
    private readonly ConcurrentDictionary<string, int> _asked = new();

    /// <summary>What stands there, by token: <c>step of name</c>.</summary>
    public ConcurrentDictionary<Guid, string> Things { get; } = new();

    /// <summary>The tokens under which each thing was ever made.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<Guid, bool>> Tokens { get; } = new();

    public Counter Effects { get; } = new();

    /// <summary>The thing, as <c>step of name</c>, whose step answers a fault after it has done its work.</summary>
    public string? FailsAt { get; set; }

    public Task<Outcome<string>> Make(string step, string name, Guid token) => Effect(() =>
    {
        var thing = $"{step} of {name}";
        Things[token] = thing;
        Tokens.GetOrAdd(thing, _ => new()).TryAdd(token, true);
        return thing == FailsAt ? Fault.Conflict($"{thing} was refused.") : (Outcome<string>)thing;
    });

    public async Task<Outcome> Remove(Guid token) => await Effect<bool>(() => Things.TryRemove(token, out _)) is { IsOk: false } refused
        ? refused.Fault
        : Outcome.Ok;

    /// <summary>Running when it is asked for the second time.</summary>
    public Outcome<IReadOnlyDictionary<string, string>> Ask(IReadOnlyList<string> keys) => keys
        .Where(key => _asked.AddOrUpdate(key, 1, (_, times) => times + 1) > 1)
        .ToDictionary(key => key, key => FailsAt == $"ready of {key}" ? "broken" : "running");

    /// <summary>What there is of one fleet.</summary>
    public IEnumerable<string> Of(string name) =>
        Things.Values.Where(thing => $"{thing}/".Contains($" of {name}/", StringComparison.Ordinal)).Order();

    public override string ToString() => string.Join('\n', Things.Values.Order());

    private Task<Outcome<T>> Effect<T>(Func<Outcome<T>> act) => Effects.Around(() => Task.FromResult(act()));
}

public sealed record Fleet(string Name, int Trucks = 3);

public sealed record Part(string Name);

/// <summary>Six steps: one that makes, a poll, a child, a fan-out, one more that makes, and, behind the pivot, one that publishes.</summary>
public sealed class FleetSaga(FleetWorld world) : Saga<Fleet>
{
    private readonly Readiness _readiness = new(world);

    protected internal override void Define(SagaBuilder<Fleet> saga)
    {
        saga.Name("test.fleet").Key(fleet => fleet.Name).Deadline(TimeSpan.FromMinutes(10));
        saga.Step("create", Effect.Token, x => world.Make("create", x.Input.Name, x.Token), x => world.Remove(x.Token));
        saga.Poll(
            "ready",
            _readiness,
            target: _ => "fleets",
            key: x => x.Input.Name,
            until: (_, state) => state switch
            {
                null => Poll.NotYet("the fleet"),
                "running" => Poll.Ready(state),
                _ => Poll.Fail($"It is {state}."),
            },
            every: TimeSpan.FromMilliseconds(5),
            timeout: TimeSpan.FromMinutes(1));
        saga.Child<PartSaga, Part>("depot", x => new Part($"{x.Input.Name}/depot"));
        saga.FanOut<PartSaga, Part>(
            "trucks", x => [.. Enumerable.Range(0, x.Input.Trucks).Select(truck => new Part($"{x.Input.Name}/{truck}"))], concurrency: 2);
        saga.Step("attach", Effect.Find, x => world.Make("attach", x.Input.Name, x.Token), x => world.Remove(x.Token));
        saga.Pivot();
        saga.Step("publish", Effect.Token, x => world.Make("publish", x.Input.Name, x.Token));
    }

    private sealed class Readiness(FleetWorld world) : PollBatch<string, string>
    {
        public override Task<Outcome<IReadOnlyDictionary<string, string>>> Ask(
            string target, IReadOnlyList<string> keys, CancellationToken cancellation) => Task.FromResult(world.Ask(keys));
    }
}

public sealed class PartSaga(FleetWorld world) : Saga<Part>
{
    protected internal override void Define(SagaBuilder<Part> saga)
    {
        saga.Name("test.part").Key(part => part.Name).Deadline(TimeSpan.FromMinutes(5));
        var made = saga.Step("make", Effect.Token, x => world.Make("make", x.Input.Name, x.Token), x => world.Remove(x.Token));
        saga.Step("mark", Effect.Find, x => world.Make("mark", x.Input.Name, x.Token), x => world.Remove(x.Token));
        saga.Output(made);
    }
}
