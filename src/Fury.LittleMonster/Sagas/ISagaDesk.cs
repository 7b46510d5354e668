using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// For the people who run the platform: finding sagas, seeing what each did, and putting right what is stuck. Every order is kept in the
/// saga's journal with who gave it and why.
/// </summary>
public interface ISagaDesk
{
    /// <summary>Sagas, the newest first. Those that are live on another host are shown as they were last committed.</summary>
    Task<Outcome<Page<SagaSummary>>> List(SagaQuery query, CancellationToken cancellation);

    /// <summary>What the saga did so far, each attempt of each step too. At most <see cref="SagaTimeline.EntriesMax"/>.</summary>
    Task<Outcome<SagaTimeline>> Timeline(SagaId id, CancellationToken cancellation);

    /// <summary>Of a stuck saga: tries the step again that it is stuck at. Of one that pauses or polls: tries now.</summary>
    Task<Outcome> Retry(SagaId id, string by, string reason, CancellationToken cancellation);

    /// <summary>Lets the step count as done (or undone) that the saga is stuck at, pauses at or waits in.</summary>
    /// <param name="result">What later steps read as its result, as JSON; needed when the step has one and is not being undone.</param>
    Task<Outcome> Skip(SagaId id, string by, string reason, JsonElement? result, CancellationToken cancellation);

    /// <summary>Undoes the saga; also one that is stuck in front of its pivot.</summary>
    Task<Outcome> Cancel(SagaId id, string by, string reason, CancellationToken cancellation);
}

/// <summary>Which sagas are wanted. What is not given is not asked for.</summary>
/// <param name="States">Any of these. <see cref="SagaState.Stuck"/> and <see cref="SagaState.Parked"/> are the dead letters.</param>
/// <param name="Key">The concurrency key begins with it.</param>
/// <param name="Name">Of the definition.</param>
/// <param name="After">The <c>next</c> of the page before.</param>
/// <param name="Limit">1 to <see cref="PageQuery.LimitMax"/>.</param>
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
/// <param name="Truncated">There is more than is shown; the oldest entries are.</param>
public sealed record SagaTimeline(SagaView Saga, IReadOnlyList<TimelineEntry> Entries, bool Truncated)
{
    public const int EntriesMax = 2000;
}

/// <summary>One line of the history.</summary>
/// <param name="Seq">From 1 without gaps; null for what the owner has not written yet (failed attempts wait for the next write).</param>
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
