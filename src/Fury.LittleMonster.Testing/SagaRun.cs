using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>How a run of a saga in memory ended.</summary>
/// <param name="State">Completed, compensated or stuck; undoing, when a child that is stuck keeps it from its end; parked, when nobody knows it.</param>
/// <param name="FailedStep">The step that turned it round, or where it is stuck; null when it completed.</param>
/// <param name="Calls">Every call in order: <c>do:create</c>, <c>undo:create</c>; of a child, <c>test.child/do:create</c>.</param>
/// <param name="Results">By step, as JSON.</param>
/// <param name="Children">All sagas that were started on the way, in the order of their starts.</param>
/// <param name="Points">Where it could have crashed, in order: their indexes are what <see cref="SagaInMemory{TInput}.CrashAt"/> takes.</param>
/// <param name="Elapsed">How long it took by the fake clock.</param>
public sealed record SagaRun(
    SagaState State,
    string? FailedStep,
    Fault? Fault,
    IReadOnlyList<string> Calls,
    IReadOnlyDictionary<string, JsonElement> Results,
    IReadOnlyList<ChildRun> Children,
    IReadOnlyList<SagaPoint> Points,
    TimeSpan Elapsed)
{
    /// <summary>The result of a step. Throws <see cref="KeyNotFoundException"/> when it was not done.</summary>
    public TResult Get<TResult>(string step) => Results[step].Deserialize<TResult>(FuryJson.Options)!;

    /// <summary>The end in a sentence, for the message of a test that fails.</summary>
    public override string ToString() =>
        $"{State} at '{FailedStep}' because {Fault?.Message ?? "nothing failed"}; calls {string.Join(' ', Calls)}";
}

/// <summary>When an injected failure is answered.</summary>
public enum FailureMoment
{
    /// <summary>Instead of the call: nothing has happened.</summary>
    Instead,

    /// <summary>After the call has done its work: the answer was lost.</summary>
    After,
}

/// <summary>What is done at a point of a run.</summary>
public enum SagaAct
{
    /// <summary>What was decided is written.</summary>
    Commit,

    /// <summary>A step is called, or asked whether it is ready.</summary>
    Do,

    /// <summary>The undo of a step is called.</summary>
    Undo,

    /// <summary>A child is started, sealed or asked to be undone, within a call of its parent's step.</summary>
    Child,
}

/// <summary>A place at which a run could have crashed.</summary>
/// <param name="After">It is done; else it is about to be.</param>
public readonly record struct SagaPoint(SagaId Saga, string Step, SagaAct Act, bool After)
{
    public override string ToString() => $"{(After ? "after" : "before")} {Act} of saga {Saga} at '{Step}'";
}

/// <summary>A saga did not do what must hold for every saga; the message says what was done to it, and how it ended.</summary>
public sealed class SagaKitException(string message, Exception? inner = null) : Exception(message, inner);
