namespace Fury.LittleMonster.Testing;

/// <summary>One saga in one world of its own. The kit asks for a fresh one for each run.</summary>
/// <param name="Saga">Over fakes of what it acts on.</param>
/// <param name="NothingLeft">Throws when the world is not as it was before the saga.</param>
/// <param name="Snapshot">The world after the saga, as text; equal worlds give equal texts.</param>
public sealed record SagaCase<TInput>(Saga<TInput> Saga, TInput Input, Action NothingLeft, Func<string> Snapshot)
    where TInput : notnull
{
    public TestClock Clock { get; init; } = new();

    /// <summary>Lets the world go on while the saga waits, e.g. a fake instance become ready.</summary>
    public Func<Task>? WhileWaiting { get; init; }

    /// <summary>Prepares each run: the children's sagas, the signals that are sent.</summary>
    public Action<SagaInMemory<TInput>>? Arrange { get; init; }

    /// <summary>What the host knows from the first crash on, for <see cref="SagaKit.UpgradesAtEveryPoint"/>.</summary>
    public IReadOnlyList<Saga> Next { get; init; } = [];

    internal SagaInMemory<TInput> Run()
    {
        var run = new SagaInMemory<TInput>(Saga, Clock).WhileWaiting(WhileWaiting);
        Arrange?.Invoke(run);
        return run;
    }
}
