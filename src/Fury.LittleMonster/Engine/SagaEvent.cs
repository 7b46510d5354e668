using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>When a call of a step began, by the database's time, and how long it took.</summary>
internal readonly record struct CallTime(DateTimeOffset Began, TimeSpan Took);

/// <summary>What somebody wants of a saga, and for which reason; kept in its journal.</summary>
/// <param name="Result">With a skip: what the step's result shall be.</param>
/// <param name="Seen">Where the saga was when it was given; null when it is meant wherever the saga is.</param>
internal sealed record SagaOrder(string By, string Reason, JsonElement? Result = null, SagaPlace? Seen = null);

/// <summary>A saga changes its place when it is written, and within a chain of pure steps also in between.</summary>
internal sealed record SagaPlace(int Revision, string Step);

/// <summary>What can happen to a saga.</summary>
internal abstract record SagaEvent
{
    private SagaEvent()
    {
    }

    /// <summary>Of the answers of calls.</summary>
    public CallTime? Time { get; init; }

    /// <summary>It got its concurrency key: just started, or taken over from a host that is gone.</summary>
    public sealed record Resumed : SagaEvent;

    /// <summary>The time it asked to be woken at has come.</summary>
    public sealed record Elapsed : SagaEvent;

    /// <summary>What it polls for may have happened.</summary>
    public sealed record Nudged : SagaEvent;

    public sealed record CancelAsked(SagaOrder Order) : SagaEvent;

    /// <summary>An operator wants the step it is at to be tried again.</summary>
    public sealed record RetryAsked(SagaOrder Order) : SagaEvent;

    /// <summary>An operator says that the step it is at (or its undo) counts as done.</summary>
    public sealed record SkipAsked(SagaOrder Order) : SagaEvent;

    /// <summary>Its parent is undone.</summary>
    /// <param name="OldSteps">The steps of its version, when that is older than its definition's.</param>
    public sealed record RevertAsked(SagaOrder Order, IReadOnlyList<string>? OldSteps = null) : SagaEvent;

    public sealed record SignalCame(string Name, ReadOnlyMemory<byte> Value) : SagaEvent;

    /// <summary>It is of an older version, which had these steps.</summary>
    public sealed record UpgradeDue(IReadOnlyList<string> OldSteps) : SagaEvent;

    /// <summary>The host can no longer rely on its lease.</summary>
    public sealed record LeaseUnsure : SagaEvent;

    /// <summary>The step (or its undo) was done.</summary>
    public sealed record Done(ReadOnlyMemory<byte> Result, string? ExternalId) : SagaEvent;

    /// <summary>The step (or its undo) was refused, or threw.</summary>
    /// <param name="MayPass">The same call may succeed later.</param>
    /// <param name="InDoubt">It is not known whether it was done.</param>
    public sealed record Refused(Fault Fault, bool MayPass, bool InDoubt) : SagaEvent;

    /// <summary>The poll is not ready.</summary>
    public sealed record NotYet(PollNotYet Answer) : SagaEvent;

    /// <summary>The call ended because it was told to.</summary>
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
internal sealed record SagaWrite(int SeqBefore, IReadOnlyList<JournalEntry> Journal, IReadOnlyList<LedgerChange> Ledger)
{
    /// <summary>The saga had ended; its row comes back to the live ones.</summary>
    public bool Revive { get; init; }

    /// <summary>Its input was changed by an upgrade.</summary>
    public bool NewInput { get; init; }
}

internal sealed record Decision(SagaRecord Saga, SagaWrite? Write, Move? Move)
{
    public static Decision Stay(SagaRecord saga) => new(saga, null, null);
}
