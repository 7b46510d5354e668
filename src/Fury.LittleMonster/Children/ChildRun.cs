using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What became of a child saga.</summary>
/// <param name="State"><see cref="SagaState.Completed"/> or <see cref="SagaState.Compensated"/>.</param>
/// <param name="Error">Why it was undone; null when it completed.</param>
/// <param name="Output">As its definition says (<see cref="SagaBuilder{TInput}.Output"/>); null when it has none.</param>
public sealed record ChildRun(SagaId Saga, SagaState State, string? Error = null, JsonElement? Output = null)
{
    /// <summary>The child's output. Throws <see cref="InvalidOperationException"/> when it has none.</summary>
    public T Get<T>() => Output is { } output
        ? output.Deserialize<T>(FuryJson.Options)!
        : throw new InvalidOperationException($"Saga {Saga} has no output; it is {State}.");
}

/// <summary>What became of the children of a fan-out, in the order of its inputs.</summary>
public sealed record FanOut(IReadOnlyList<ChildRun> Runs)
{
    /// <summary>Items of one fan-out. A result of so many must also fit into the size of a step's result.</summary>
    public const int ItemsMax = 1000;

    /// <summary>The outputs of those that completed.</summary>
    public IEnumerable<T> Completed<T>() => Runs.Where(run => run.State is SagaState.Completed).Select(run => run.Get<T>());

    /// <summary>Those that were undone.</summary>
    public IEnumerable<ChildRun> Failed() => Runs.Where(run => run.State is not SagaState.Completed);
}
