using Fury.Kernel;

namespace Fury.LittleMonster.Tests;

/// <summary>What a step does that it should not, or what an input is that it should not be.</summary>
public sealed record Bad(string How, string Key = "")
{
    public object? Extra { get; init; }
}

/// <summary>One step that does as its input says, behind one that must be undone when it fails.</summary>
public sealed class BadSaga(BadWorld world) : Saga<Bad>
{
    protected internal override void Define(SagaBuilder<Bad> saga)
    {
        saga.Name("test.bad").Deadline(TimeSpan.FromMinutes(5)).Key(bad => bad.Key switch
        {
            "throws" => throw new InvalidOperationException("no key for you"),
            "null" => null!,
            "long" => new string('k', 1000),
            "lone" => "half a pair: \ud83d",
            "" => bad.How,
            _ => bad.Key,
        });
        saga.Step("before", Effect.Token, _ => Task.FromResult(Outcome.Ok), _ =>
        {
            world.Undo();
            return Task.FromResult(Outcome.Ok);
        });
        saga.Step<object>("misbehave", Effect.Token, Do: x => Do(x.Input.How), retry: Retry.None, deadline: TimeSpan.FromSeconds(0.5));
    }

    private async Task<Outcome<object>> Do(string how)
    {
        var kind = how.Split('-')[0];
        switch (kind)
        {
            case "throw":
                throw new InvalidOperationException("boom");
            case "emoji":
                throw new InvalidOperationException(new string('x', 1949) + string.Concat(Enumerable.Repeat("👹", 100)));
            case "large":
                return new string('x', StepRunner.ResultBytesMax);
            case "pointer":
                return new IntPtr(1);
            case "cycle":
                var ring = new List<object>();
                ring.Add(ring);
                return ring;
            case "hang":
                await world.MayEnd.Task;
                return "at last";
            case "block":
                world.Block();
                return "at last";
            default:
                return "well";
        }
    }
}

public sealed class BadWorld : IDisposable
{
    private readonly ManualResetEventSlim _mayUnblock = new();
    private int _blocked;
    private int _undone;

    /// <summary>Steps that block their threads now.</summary>
    public int Blocked => _blocked;

    public int Undone => _undone;

    public TaskCompletionSource MayEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Undo() => Interlocked.Increment(ref _undone);

    public void Block()
    {
        Interlocked.Increment(ref _blocked);
        _mayUnblock.Wait(TimeSpan.FromSeconds(30));
        Interlocked.Decrement(ref _blocked);
    }

    public void Unblock() => _mayUnblock.Set();

    public void Dispose() => _mayUnblock.Dispose();
}

/// <summary>Has a property that cannot be read.</summary>
public sealed record Throwing(string Why)
{
    public string Property => throw new InvalidOperationException(Why);
}

public sealed record Items(int Count, string Key = "", string? ChildKey = null);

/// <summary>Starts as many children as it is told, with its own key when it is told.</summary>
public sealed class ParentOfBad : Saga<Items>
{
    protected internal override void Define(SagaBuilder<Items> saga)
    {
        saga.Name("test.parent-of-bad").Deadline(TimeSpan.FromMinutes(5)).Key(items => $"parent-{items.Key}");
        saga.FanOut<BadSaga, Bad>(
            "many",
            x => [.. Enumerable.Range(0, x.Input.Count).Select(n => new Bad($"fine-{n}", x.Input.ChildKey ?? $"fine-{n}"))],
            concurrency: 10);
    }
}

/// <summary>Its grandchild has its key.</summary>
public sealed class GrandparentOfBad : Saga<Items>
{
    protected internal override void Define(SagaBuilder<Items> saga)
    {
        saga.Name("test.grandparent-of-bad").Deadline(TimeSpan.FromMinutes(5)).Key(items => items.Key);
        saga.Child<ParentOfBad, Items>("middle", x => new Items(1, "middle", x.Input.Key));
    }
}
