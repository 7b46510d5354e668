using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The name of a step and the type of its result, for the steps after it to read.</summary>
public sealed record StepRef<TResult>(string Name);

/// <summary>The result of a step that has none.</summary>
public sealed record Nothing
{
    public static Nothing Value { get; } = new();
}

/// <summary>What one run of a step, of its undo or of a poll is given.</summary>
public class StepContext<TInput>
    where TInput : notnull
{
    private readonly StepCall _call;
    private TInput? _input;

    internal StepContext(StepCall call) => _call = call;

    public TInput Input => _input ??= JsonSerializer.Deserialize<TInput>(_call.Input.Span, FuryJson.Options)!;

    public SagaId Saga => _call.Saga;

    /// <summary>
    /// The idempotency token of this step: a UUIDv5 (RFC 9562) of saga and step, the same on every attempt, after every crash, and in the
    /// step's undo.
    /// </summary>
    public Guid Token => _call.Token;

    /// <summary>
    /// What to mark every created thing with, so that it can be found again: <c>lm-saga</c>, <c>lm-step</c>, <c>lm-token</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tags => _call.Tags;

    /// <summary>A fencing token that rises whenever the saga changes hands. Whoever receives it refuses a lower one than it has seen for the saga.</summary>
    public long Fence => _call.Fence;

    /// <summary>From 1; begins again at 1 when another host takes over.</summary>
    public int Attempt => _call.Attempt;

    /// <summary>
    /// Fires when the step must end: its deadline, a cancel, or the host's lease is no longer sure. What is then not known to be done
    /// is run
    /// again (or undone) by whoever owns the saga.
    /// </summary>
    public CancellationToken Cancellation => _call.Cancellation;

    /// <summary>The result of an earlier step. Throws <see cref="InvalidOperationException"/> when that step has not been done.</summary>
    public TResult Get<TResult>(StepRef<TResult> step) => TryGet(step, out var result)
        ? result
        : throw new InvalidOperationException($"Step '{step.Name}' of saga {Saga} has no result yet.");

    /// <summary>False when the step has not been done; in an undo that is a state like any other.</summary>
    public bool TryGet<TResult>(StepRef<TResult> step, [MaybeNullWhen(false)] out TResult result)
    {
        var found = _call.Results.TryGetValue(step.Name, out var json);
        result = found ? JsonSerializer.Deserialize<TResult>(json.Span, FuryJson.Options)! : default;
        return found;
    }

    /// <summary>
    /// Names what the step has made, for the ledger; written with the step's result. Only for steps that declare a ledger entry.
    /// </summary>
    public void Created(string externalId) => _call.ExternalId = externalId;
}

/// <summary>What an undo is given: also the result of its own step, if that was ever recorded.</summary>
public sealed class UndoContext<TInput, TResult> : StepContext<TInput>
    where TInput : notnull
{
    internal UndoContext(StepCall call, StepRef<TResult> step)
        : base(call)
    {
        HasResult = TryGet(step, out var result);
        Result = result;
    }

    /// <summary>
    /// False when it is not known whether the step was done: look for its work by <c>Token</c> or <c>Tags</c>; none is a success.
    /// </summary>
    [MemberNotNullWhen(true, nameof(Result))]
    public bool HasResult { get; }

    public TResult? Result { get; }
}

/// <summary>One run of a step, untyped.</summary>
internal sealed class StepCall
{
    private Guid? _token;

    public required SagaId Saga { get; init; }

    public required string Step { get; init; }

    /// <summary>The name space of this installation's tokens.</summary>
    public required Guid Space { get; init; }

    public required long Fence { get; init; }

    public required int Attempt { get; init; }

    public required ReadOnlyMemory<byte> Input { get; init; }

    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Results { get; init; }

    public required IChildSagas Children { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>The saga's own concurrency key, which no child may have.</summary>
    public string Key { get; init; } = "";

    /// <summary>The saga that started this one and waits for it.</summary>
    public SagaId? Parent { get; init; }

    public bool BehindPivot { get; init; }

    /// <summary>The trace that the saga belongs to (W3C <c>traceparent</c>); null when nobody traces.</summary>
    public string? Trace { get; init; }

    public Guid Token => _token ??= SagaToken.Of(Space, Saga, Step);

    public IReadOnlyDictionary<string, string> Tags => SagaToken.Tags(Saga, Step, Token);

    public string? ExternalId { get; set; }

    /// <summary>What the step remembers from call to call of this life of the host, while the saga is at it.</summary>
    public object? Memory { get; set; }
}
