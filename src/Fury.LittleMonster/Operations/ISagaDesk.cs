using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// For the people who run the platform: finding sagas, seeing what each did, and putting right what is stuck. Every order is kept in the
/// saga's journal with who gave it and why.
/// </summary>
public interface ISagaDesk
{
    /// <summary>
    /// Sagas, the newest first, as of one moment a page: one that ends meanwhile is neither missed nor shown twice. A start that no host has
    /// taken in yet is not in the list.
    /// </summary>
    Task<Outcome<Page<SagaSummary>>> List(SagaQuery query, CancellationToken cancellation);

    /// <summary>What the saga did so far, each attempt of each step too.</summary>
    Task<Outcome<SagaTimeline>> Timeline(SagaId id, CancellationToken cancellation);

    /// <summary>
    /// Of a stuck saga: tries the step again, or its undo, that it is stuck at. Of one that pauses or polls: tries now. Ok means that the
    /// order is durable; whether it came in time is in the saga's timeline.
    /// </summary>
    Task<Outcome> Retry(SagaId id, DeskOrder order, CancellationToken cancellation);

    /// <summary>Lets the step count as done (or undone) that the saga is stuck at, pauses at or waits in.</summary>
    /// <param name="result">What later steps read as its result, as JSON; needed when the step has one and is not being undone.</param>
    Task<Outcome> Skip(SagaId id, DeskOrder order, JsonElement? result, CancellationToken cancellation);

    /// <summary>Undoes the saga; also one that is stuck in front of its pivot.</summary>
    Task<Outcome> Cancel(SagaId id, DeskOrder order, CancellationToken cancellation);
}

/// <summary>Who wants something of a saga, and why.</summary>
/// <param name="Reason">1 to 1000 characters.</param>
/// <param name="Revision">The <see cref="SagaView.Revision"/> that was looked at; <see cref="FaultKind.Stale"/> when it is another by now. With
/// it, an order that is sent twice is carried out once.</param>
public sealed record DeskOrder(string By, string Reason, int? Revision = null);

/// <summary>Which sagas are wanted. What is not given is not asked for.</summary>
/// <param name="States">Any of these. <see cref="SagaState.Stuck"/> and <see cref="SagaState.Parked"/> are the dead letters. Exact for sagas
/// that have ended, are stuck or are being undone, and for all that this host runs. Of one that another host runs, what that host alone
/// knows is not seen: one that is <see cref="SagaState.Retrying"/> there counts as running (or waiting).</param>
/// <param name="Key">The concurrency key begins with it.</param>
/// <param name="Name">Of the definition.</param>
/// <param name="StartedAfter">By the time in the id: when the start was asked for, by the clock of the host that was asked.</param>
/// <param name="StartedBefore">The same.</param>
/// <param name="After">The <c>next</c> of the page before.</param>
/// <param name="Limit">1 to <see cref="PageQuery.LimitMax"/>. A page may have fewer and yet a <c>next</c>, when many had to be looked at.</param>
public sealed record SagaQuery(
    IReadOnlyCollection<SagaState>? States = null,
    string? Key = null,
    string? Name = null,
    DateTimeOffset? StartedAfter = null,
    DateTimeOffset? StartedBefore = null,
    string? After = null,
    int Limit = PageQuery.LimitDefault);

/// <summary>A saga in a list.</summary>
/// <param name="Step">Where it is, or was when it ended.</param>
/// <param name="Error">Why it failed, is stuck or is being tried again.</param>
public sealed record SagaSummary(
    SagaId Id,
    string Name,
    int Version,
    string Key,
    SagaState State,
    string Step,
    int Attempt,
    string? Error,
    SagaId? Parent,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt);

/// <summary>A saga and its history.</summary>
/// <param name="Entries">The oldest first, at most <see cref="EntriesMax"/>. A saga that has ended loses lines that are older than is kept.</param>
/// <param name="Truncated">There is more than is shown.</param>
public sealed record SagaTimeline(SagaView Saga, IReadOnlyList<TimelineEntry> Entries, bool Truncated)
{
    public const int EntriesMax = 2000;
}

/// <summary>One line of the history.</summary>
/// <param name="Seq">From 1 without gaps; null for what the owner has not written yet (failed attempts wait for the next write, and are seen
/// on the host that runs the saga only).</param>
/// <param name="At">When it was written; of what is not written yet, when it ended.</param>
/// <param name="Host">The incarnation of the host that wrote it.</param>
/// <param name="Began">Of a call: when it began.</param>
/// <param name="TookMs">Of a call: how many milliseconds it took.</param>
/// <param name="Data">A result, a fault or an order, as JSON.</param>
public sealed record TimelineEntry(
    int? Seq,
    DateTimeOffset At,
    long Host,
    JournalKind Kind,
    string Step,
    int Attempt,
    DateTimeOffset? Began,
    double? TookMs,
    JsonElement? Data);
