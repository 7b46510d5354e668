using System.Collections.Concurrent;
using Fury.Kernel;

namespace Fury.LittleMonster.Tests;

/// <summary>What the sagas of these tests act on: an idempotent target that remembers every call, and can be told to refuse.</summary>
public sealed class World
{
    private readonly ConcurrentDictionary<string, Func<Task<Fault?>>> _before = new();

    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task>> _with = new();

    /// <summary>Things by token.</summary>
    public ConcurrentDictionary<Guid, string> Things { get; } = new();

    /// <summary>Every call, repeats too: <c>saga/do:step</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentDictionary<string, bool> Ready { get; } = new();

    public int CallsOf(string what) => Calls.Count(call => call.EndsWith($"/{what}", StringComparison.Ordinal));

    /// <summary>Runs before the call, e.g. <c>do:attach</c>; a fault refuses it, null lets it pass.</summary>
    public void Before(string what, Func<Task<Fault?>> act) => _before[what] = act;

    /// <summary>The same, with the step's own cancellation, which is remembered as a call <c>cancelled</c> when it fires.</summary>
    public void BeforeWith(string what, Func<CancellationToken, Task> act) => _with[what] = act;

    public void Refuse(string what, FaultKind kind, int times = int.MaxValue) => Before(what, () =>
        Task.FromResult(times-- > 0 ? new Fault(kind, $"{what} was refused.") : null));

    public async Task<Outcome<string>> Make(string step, SagaId saga, Guid token, CancellationToken cancellation = default)
    {
        Calls.Enqueue($"{saga}/do:{step}");
        if (_before.TryGetValue($"do:{step}", out var act) && await act() is { } fault)
        {
            return fault;
        }

        if (_with.TryGetValue($"do:{step}", out var wait))
        {
            await using var told = cancellation.Register(() => Calls.Enqueue($"{saga}/cancelled"));
            await wait(cancellation);
        }

        return Things.GetOrAdd(token, _ => $"{step}-of-{saga}");
    }

    public async Task<Outcome> Remove(string step, SagaId saga, Guid token)
    {
        Calls.Enqueue($"{saga}/undo:{step}");
        if (_before.TryGetValue($"undo:{step}", out var act) && await act() is { } fault)
        {
            return fault;
        }

        Things.TryRemove(token, out _);
        return Outcome.Ok;
    }
}

public sealed record Order(string App, int Count = 1);

/// <summary>Three steps that make things, one poll between, and a pivot before the last.</summary>
public sealed class LaunchSaga(World world) : Saga<Order>
{
    protected internal override void Define(SagaBuilder<Order> saga)
    {
        saga.Name("test.launch").Version(1).Key(order => order.App).Deadline(TimeSpan.FromMinutes(5));
        var fast = Retry.Backoff(5, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5));
        var created = saga.Step(
            "create",
            Effect.Token,
            Do: async x =>
            {
                var made = await world.Make("create", x.Saga, x.Token);
                x.Created(made.IsOk ? made.Value : "");
                return made;
            },
            Undo: x => world.Remove("create", x.Saga, x.Token),
            retry: fast,
            undoRetry: fast,
            ledger: _ => new LedgerEntry("test", "here", "thing"));
        saga.Poll(
            "ready",
            until: x =>
            {
                world.Calls.Enqueue($"{x.Saga}/poll:ready");
                var ready = world.Ready.GetValueOrDefault(x.Input.App, true);
                return Task.FromResult<Poll<int>>(ready ? Poll.Ready(42) : Poll.NotYet("the thing to start"));
            },
            every: TimeSpan.FromMilliseconds(20),
            timeout: TimeSpan.FromMinutes(1));
        saga.Step(
            "attach",
            Effect.Find,
            Do: async x => x.Get(created).Length > 0 ? await world.Make("attach", x.Saga, x.Token, x.Cancellation) : Fault.Conflict("Nothing was created."),
            Undo: x => world.Remove("attach", x.Saga, x.Token),
            retry: fast,
            undoRetry: fast);
        saga.Pivot();
        saga.Step("publish", Effect.Token, Do: x => world.Make("publish", x.Saga, x.Token));
    }
}

/// <summary>The shortest saga that is one: three steps, nothing to wait for.</summary>
public sealed class ThreeStepSaga(World world) : Saga<Order>
{
    protected internal override void Define(SagaBuilder<Order> saga)
    {
        saga.Name("test.three-steps").Version(1).Deadline(TimeSpan.FromMinutes(5));
        foreach (var name in new[] { "one", "two", "three" })
        {
            saga.Step(name, Effect.Token, Do: x => world.Make(name, x.Saga, x.Token), Undo: x => world.Remove(name, x.Saga, x.Token));
        }
    }
}

public sealed record Receipt(string Number, int Cents);

/// <summary>Its middle step can neither be repeated nor found, and has no undo.</summary>
public sealed class PaySaga(World world) : Saga<Order>
{
    protected internal override void Define(SagaBuilder<Order> saga)
    {
        saga.Name("test.pay").Version(1).Key(order => order.App).Deadline(TimeSpan.FromMinutes(5));
        saga.Step("reserve", Effect.Token, Do: x => world.Make("reserve", x.Saga, x.Token), Undo: x => world.Remove("reserve", x.Saga, x.Token));
        var paid = saga.Step<Receipt>(
            "pay",
            Effect.Once,
            Do: async x => await world.Make("pay", x.Saga, x.Token) is { IsOk: false } refused ? refused.Fault! : new Receipt("R-1", 100));
        saga.Step<string>("ship", Effect.Token, Do: x => world.Make($"ship-{x.Get(paid).Number}", x.Saga, x.Token));
    }
}
