using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What a step is about to make at a provider.</summary>
/// <param name="Provider">E.g. <c>local</c>, <c>aws</c>.</param>
/// <param name="Region">The provider's region.</param>
/// <param name="Kind">E.g. <c>instance</c>.</param>
public sealed record LedgerEntry(string Provider, string Region, string Kind);

/// <summary>A saga's definition, untyped: what the engine decides on.</summary>
internal sealed record SagaDefinition
{
    public required Type Type { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required TimeSpan Deadline { get; init; }

    public required Func<ReadOnlyMemory<byte>, string>? Key { get; init; }

    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>The index of the first step behind the pivot.</summary>
    public required int Pivot { get; init; }
}

internal sealed record StepDefinition
{
    public int Index { get; init; }

    public required string Name { get; init; }

    public required Effect Effect { get; init; }

    public required Retry Retry { get; init; }

    public required Retry UndoRetry { get; init; }

    public required TimeSpan? Deadline { get; init; }

    /// <summary>Set on polls: the interval.</summary>
    public TimeSpan? Every { get; init; }

    public bool IsPoll => Every is not null;

    public required Func<StepCall, Task<StepAnswer>> Do { get; init; }

    public Func<StepCall, Task<Outcome>>? Undo { get; init; }

    public Func<ReadOnlyMemory<byte>, LedgerEntry>? Ledger { get; init; }
}

/// <summary>What a run of a step answered: a result, a fault, or (polls) not yet.</summary>
internal readonly record struct StepAnswer
{
    public ReadOnlyMemory<byte> Result { get; init; }

    public Fault? Fault { get; init; }

    public PollNotYet? NotYet { get; init; }
}
