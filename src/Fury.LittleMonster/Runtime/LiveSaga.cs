namespace Fury.LittleMonster;

/// <summary>A saga in the memory of its owner. Touched by the engine's loop only.</summary>
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
    public Queue<(SagaEvent Event, long? Inbox)> Pending { get; } = new();

    public StepTurn? Turn { get; set; }

    /// <summary>The earliest wake in the queue of wakes.</summary>
    public DateTimeOffset? ArmedAt { get; set; }

    public List<TaskCompletionSource<SagaRecord?>> Waiters { get; } = [];

    public bool IsIdle => !Writing && Turn is null;
}

/// <summary>A call of a step, waiting for its turn or under way.</summary>
internal sealed class StepTurn(LiveSaga live, Move.Call call)
{
    public LiveSaga Live { get; } = live;

    public Move.Call Call { get; } = call;

    /// <summary>Null while it waits for its turn.</summary>
    public CancellationTokenSource? Interrupt { get; set; }

    /// <summary>It was told to end before its turn came.</summary>
    public bool Void { get; set; }
}
