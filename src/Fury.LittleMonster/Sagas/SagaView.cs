using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Where a saga is. The last two are final. The numbers are those in <c>lm.saga</c>.</summary>
public enum SagaState
{
    /// <summary>A step runs, or will as soon as there is room or its concurrency key is free.</summary>
    Running = 1,

    /// <summary>A poll waits for something outside.</summary>
    Waiting = 2,

    /// <summary>A step failed in a way that may pass; it is tried again after a pause.</summary>
    Retrying = 3,

    /// <summary>Undoing its steps in reverse order.</summary>
    Undoing = 4,

    /// <summary>Neither forward nor back without a person: an undo keeps failing, or nobody knows whether a step was done.</summary>
    Stuck = 5,

    /// <summary>Its definition, or that version of it, is not known to any host that could run it. Goes on when one is.</summary>
    Parked = 6,

    /// <summary>All steps done.</summary>
    Completed = 7,

    /// <summary>Everything undone.</summary>
    Compensated = 8,
}

internal static class SagaStates
{
    /// <summary>As it is written in JSON, in metrics and in sentences.</summary>
    public static string Word(this SagaState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());
}

/// <summary>What can be seen of a saga.</summary>
/// <param name="Name">Of its definition.</param>
/// <param name="Key">Its concurrency key.</param>
/// <param name="Step">The name of the step it is at; of a finished saga, the last one it was at.</param>
/// <param name="Fault">Why it failed (undoing, compensated), is stuck, or is being retried.</param>
/// <param name="Deadline">Past it, it is undone.</param>
/// <param name="Results">By step, as JSON.</param>
public sealed record SagaView(
    SagaId Id,
    string Name,
    int Version,
    string Key,
    SagaState State,
    string Step,
    int Attempt,
    Fault? Fault,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset Deadline,
    IReadOnlyDictionary<string, JsonElement> Results)
{
    /// <summary>The saga that started it as a child; null for most.</summary>
    public SagaId? Parent { get; init; }

    /// <summary>Why a poll is not ready, as it said itself; known on the host that runs it.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>It goes backwards, or is stuck on that way.</summary>
    public bool Undoing { get; init; }

    /// <summary>Rises with all that is written of it. An order that names it is carried out on no later one.</summary>
    public int Revision { get; init; }

    /// <summary>True when nothing will change any more, but for a child whose parent is undone.</summary>
    public bool IsFinal => State is SagaState.Completed or SagaState.Compensated;

    /// <summary>The result of a step, if it was done.</summary>
    public bool TryGet<TResult>(string step, [MaybeNullWhen(false)] out TResult result)
    {
        var found = Results.TryGetValue(step, out var json);
        result = found ? json.Deserialize<TResult>(FuryJson.Options)! : default;
        return found;
    }
}
