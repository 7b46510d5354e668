using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What can happen to a saga.</summary>
internal abstract record SagaEvent
{
    private SagaEvent()
    {
    }

    /// <summary>It got its concurrency key: just started, or taken over from a host that is gone.</summary>
    public sealed record Resumed : SagaEvent;

    /// <summary>The time it asked to be woken at has come.</summary>
    public sealed record Elapsed : SagaEvent;

    /// <summary>What it polls for may have happened.</summary>
    public sealed record Nudged : SagaEvent;

    public sealed record CancelAsked(string Reason) : SagaEvent;

    /// <summary>The step (or its undo) was done.</summary>
    public sealed record Done(ReadOnlyMemory<byte> Result, string? ExternalId) : SagaEvent;

    /// <summary>The step (or its undo) was refused, or threw.</summary>
    /// <param name="MayPass">The same call may succeed later.</param>
    /// <param name="InDoubt">It is not known whether it was done.</param>
    public sealed record Refused(Fault Fault, bool MayPass, bool InDoubt) : SagaEvent;

    /// <summary>The poll is not ready.</summary>
    public sealed record NotYet(PollNotYet Answer) : SagaEvent;

    /// <summary>The call ended because it was told to, or was given up after it did not.</summary>
    public sealed record CallInterrupted : SagaEvent;
}

/// <summary>What is to be done for a saga, once the write (if any) is committed.</summary>
internal abstract record Move
{
    private Move()
    {
    }

    /// <summary>Call the <c>Do</c> of its present step, or the <c>Undo</c>.</summary>
    public sealed record Call(int Step, bool Undo, int Attempt) : Move;

    /// <summary>Tell the call under way to end.</summary>
    public sealed record Interrupt : Move;
}

/// <summary>What must be durable before any move is made: the new row, its journal and its ledger.</summary>
internal sealed record SagaWrite(int SeqBefore, IReadOnlyList<JournalEntry> Journal, IReadOnlyList<LedgerChange> Ledger);

internal sealed record Decision(SagaRecord Saga, SagaWrite? Write, Move? Move)
{
    public static Decision Stay(SagaRecord saga) => new(saga, null, null);
}
