using System.Text.Json;

namespace Fury.Cli.Sagas;

/// <summary>A saga in a list, as far as it is shown. States and kinds are words, so that a new one of the host's is shown as it is.</summary>
internal sealed record SagaRow(string Id, string Name, string Key, string State, string Step, string? Error, DateTimeOffset StartedAt);

/// <summary>A saga by itself, as far as it is shown.</summary>
internal sealed record SagaNow(
    string Id,
    string Name,
    int Version,
    string Key,
    string State,
    bool Undoing,
    string Step,
    int Attempt,
    SagaFault? Fault,
    string? WaitingFor,
    string? Parent,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset Deadline,
    int Revision);

internal sealed record SagaFault(string Message);

internal sealed record SagaHistory(SagaNow Saga, IReadOnlyList<SagaLine> Entries, bool Truncated);

/// <param name="Seq">Null when it is not written yet.</param>
/// <param name="Host">Which life of which host wrote it.</param>
internal sealed record SagaLine(
    int? Seq, DateTimeOffset At, long Host, string Kind, string Step, int Attempt, double? TookMs, JsonElement? Data);
