using System.Collections.Immutable;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>A saga as the engine decides on it: what is in its row, and what lives only in the owner's memory.</summary>
internal sealed record SagaRecord
{
    public required SagaId Id { get; init; }

    public required short Shard { get; init; }

    public required string Key { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    public required ReadOnlyMemory<byte> Input { get; init; }

    public required SagaState State { get; init; }

    /// <summary>Index of the step it is at; while undoing, of the step being undone.</summary>
    public int Step { get; init; }

    public bool Undoing { get; init; }

    /// <summary>Number of the last journal row.</summary>
    public int Seq { get; init; }

    /// <summary>When the present step must have ended, if it has a deadline of its own.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The present step is of kind <see cref="Effect.Once"/> and may have begun.</summary>
    public bool Intent { get; init; }

    /// <summary>Results by step, as JSON.</summary>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Results { get; init; } = Nothing;

    /// <summary>Signals that came before their step was reached, as JSON.</summary>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Signals { get; init; } = Nothing;

    public Fault? Fault { get; init; }

    /// <summary>Set once a cancel was accepted.</summary>
    public string? CancelReason { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>The saga that started it and waits for it.</summary>
    public SagaId? Parent { get; init; }

    /// <summary>The trace it belongs to (W3C <c>traceparent</c>); null when nobody traced its start.</summary>
    public string? Trace { get; init; }

    // From here on: the owner's memory only. A crash forgets it, and nothing depends on it but time.

    /// <summary>It was read from the database, so what its present step has done in another life is not known.</summary>
    public bool Recovered { get; init; }

    /// <summary>It has its concurrency key.</summary>
    public bool Held { get; init; }

    /// <summary>A call of the present step was asked for and has not been answered.</summary>
    public bool InFlight { get; init; }

    /// <summary>When the call under way is told to end.</summary>
    public DateTimeOffset CallUntil { get; init; }

    /// <summary>When the call under way was told to end.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>A nudge came while the poll was being asked; its answer may be older than the news.</summary>
    public bool Nudged { get; init; }

    /// <summary>When the next attempt or poll is due.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Why the poll is not ready, as it said itself.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Journal rows that ride along with the next write.</summary>
    public ImmutableList<JournalEntry> Unwritten { get; init; } = [];

    public bool IsFinal => State is SagaState.Completed or SagaState.Compensated;

    /// <summary>When the engine must look at it again without anything having happened; null when only an event can move it.</summary>
    public DateTimeOffset? WakeAt
    {
        get
        {
            if (IsFinal || State is SagaState.Stuck or SagaState.Parked || !Held)
            {
                return null;
            }

            if (InFlight)
            {
                return ToldAt is { } told ? told + Decide.EndGrace : CallUntil;
            }

            return Undoing ? NextAt : Earliest(NextAt, Earliest(DueAt, Deadline));
        }
    }

    private static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Nothing { get; } =
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Empty.WithComparers(StringComparer.Ordinal);

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}
