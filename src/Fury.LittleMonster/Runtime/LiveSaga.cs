namespace Fury.LittleMonster;

/// <summary>A saga in the memory of its owner. Touched by the engine's loop only. There may be a million of them, so nothing is held that few need.</summary>
internal sealed class LiveSaga(SagaRecord saga, SagaDefinition? definition)
{
    /// <summary>As decided last; ahead of the database while a write is under way.</summary>
    public SagaRecord Saga { get; set; } = saga;

    /// <summary>As everybody may see it: nothing that is not committed.</summary>
    public SagaRecord Seen { get; set; } = saga;

    /// <summary>Null when this host cannot run it: parked.</summary>
    public SagaDefinition? Definition { get; set; } = definition;

    public bool Writing { get; set; }

    /// <summary>What happened while a write was under way, with the inbox row it came in.</summary>
    public Queue<(SagaEvent Event, long? Inbox)>? Pending { get; set; }

    public StepTurn? Turn { get; set; }

    /// <summary>What the present step remembers from call to call, or what its poll asks about.</summary>
    public StepMemory? Memory { get; set; }

    public List<TaskCompletionSource<SagaRecord?>>? Waiters { get; set; }

    /// <summary>The next of the same concurrency key, and (of the first of them) the last one.</summary>
    public LiveSaga? NextOfKey { get; set; }

    public LiveSaga? LastOfKey { get; set; }

    /// <summary>Its place in <see cref="WakeQueue"/>; -1 when it is not there.</summary>
    public int WakeIndex { get; set; } = -1;

    public DateTimeOffset WakeAt { get; set; }

    public bool IsIdle => !Writing && Turn is null;

    /// <summary>Nothing is remembered from one step to another.</summary>
    public object? MemoryOf(int step, bool undo) => Memory is { } memory && memory.Step == step && memory.Undo == undo ? memory.Value : null;
}

internal sealed record StepMemory(int Step, bool Undo, object Value);

/// <summary>A call of a step, waiting for its turn or under way.</summary>
internal sealed class StepTurn(LiveSaga live, Move.Call call, DateTimeOffset readyAt)
{
    public LiveSaga Live { get; } = live;

    public Move.Call Call { get; } = call;

    public DateTimeOffset ReadyAt { get; } = readyAt;

    public StepDefinition Step => Live.Definition!.Steps[Call.Step];

    /// <summary>Null while it waits for its turn, and when many ask together.</summary>
    public CancellationTokenSource? Interrupt { get; set; }

    /// <summary>Whose limit it counts against while it is under way.</summary>
    public RateLimit? Limit { get; set; }

    /// <summary>It was told to end before its turn came.</summary>
    public bool Void { get; set; }

    /// <summary>It did not end when told; nobody waits for it any more.</summary>
    public bool GivenUp { get; set; }
}
