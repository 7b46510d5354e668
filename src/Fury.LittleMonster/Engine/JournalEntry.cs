namespace Fury.LittleMonster;

/// <summary>What a line of a saga's journal tells. The numbers are those in <c>lm.journal</c>.</summary>
public enum JournalKind
{
    Started = 1,
    StepDone = 2,

    /// <summary>A call of a step, or of an undo, was refused or threw.</summary>
    AttemptFailed = 3,

    /// <summary>The saga turns round and is undone.</summary>
    Failed = 4,
    Undone = 5,
    Stuck = 6,
    CancelRequested = 7,
    CancelRefused = 8,
    RetryRequested = 9,

    /// <summary>An operator let the step, or its undo, count as done.</summary>
    Skipped = 10,

    /// <summary>An operator's request came when it made no sense any more.</summary>
    OrderRefused = 11,

    /// <summary>A signal came before its step was reached.</summary>
    SignalKept = 12,

    /// <summary>A signal came twice, too late, or for no step of the saga.</summary>
    SignalIgnored = 13,

    /// <summary>Its parent is undone, so it is undone though it had completed.</summary>
    Reverted = 14,

    /// <summary>It goes on as a newer version of its definition.</summary>
    Upgraded = 15,
}

/// <summary>One line of a saga's journal, before it is written.</summary>
/// <param name="Data">JSON: the result of a step, a fault, or an order.</param>
internal sealed record JournalEntry(JournalKind Kind, int Step, int Attempt, ReadOnlyMemory<byte> Data, CallTime? Time = null);
