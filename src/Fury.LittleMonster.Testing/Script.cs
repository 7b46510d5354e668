using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>What the world does to the sagas of one run.</summary>
internal sealed class Script
{
    public List<Failure> Failures { get; } = [];

    public List<SentSignal> Signals { get; } = [];

    /// <summary>Signals that are never sent.</summary>
    public HashSet<string> Withheld { get; } = [];

    public List<Saga> Next { get; } = [];

    public Queue<Help> Help { get; } = new();

    public HashSet<int> CrashAt { get; } = [];

    public int? CancelAt { get; set; }

    public bool Twice { get; set; }

    public Func<Task>? WhileWaiting { get; set; }

    /// <summary>The failure of this call, if it has one left.</summary>
    public Failure? FailureOf(SagaDefinition saga, bool isRoot, string step, bool undo)
    {
        var failure = Failures.Find(one => one.Left > 0 && one.Step == step && one.Undo == undo && (one.Saga is null ? isRoot : one.Saga == saga.Name));
        if (failure is not null)
        {
            failure.Left--;
        }

        return failure;
    }
}

internal sealed class Failure(string? saga, string step, bool undo, Fault fault, FailureMoment moment, int times)
{
    public string? Saga { get; } = saga;

    public string Step { get; } = step;

    public bool Undo { get; } = undo;

    public Fault Fault { get; } = fault;

    public FailureMoment Moment { get; } = moment;

    public int Left { get; set; } = times;
}

internal sealed record SentSignal(string Name, ReadOnlyMemory<byte> Value, bool Early);

/// <summary>What an operator does for a saga that is stuck.</summary>
internal sealed record Help(Action? PutRight, Func<SagaOrder, SagaEvent> Order, JsonElement? Result)
{
    public SagaEvent Give()
    {
        PutRight?.Invoke();
        return Order(new SagaOrder("kit", "It was put right.", Result));
    }
}
