using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>A saga of a run: its row, which crashes leave alone, and what its host remembers.</summary>
internal sealed class MemorySaga(SagaRecord started)
{
    private readonly HashSet<(string Step, bool Undo)> _done = [];
    private Exception? _parked;

    public SagaId Id { get; } = started.Id;

    /// <summary>The row.</summary>
    public SagaRecord Committed { get; private set; } = started;

    /// <summary>What was asked of it; each is taken away by the commit that it causes.</summary>
    public Queue<SagaEvent> Asked { get; } = new();

    /// <summary>Signals of the script that were sent to it.</summary>
    public HashSet<SentSignal> Sent { get; } = [];

    // From here on: what a crash forgets.

    /// <summary>Null when the host cannot run it.</summary>
    public SagaDefinition? Definition { get; set; }

    public SagaRecord Saga { get; set; } = started;

    public Move.Call? Turn { get; set; }

    /// <summary>The call has been made, or is about to be, come what may.</summary>
    public bool Begun { get; set; }

    /// <summary>The call was told to end.</summary>
    public bool Told { get; set; }

    public bool Nudged { get; set; }

    public StepMemory? Memory { get; set; }

    public bool IsFinal => Committed.IsFinal;

    public SagaState State => Definition is null ? SagaState.Parked : Committed.State;

    public Fault? Fault => _parked is null ? Committed.Fault : Fault.Invalid($"Saga {Committed.Name} is parked: {_parked.Message}");

    public string Step => Definition is { } definition && Saga.Step < definition.Steps.Count ? definition.Steps[Saga.Step].Name : "";

    public ChildRun Seen => new(
        Id,
        State,
        Fault?.Message,
        State is SagaState.Completed && Definition!.Output is { } output && new ResultsView(Committed.Results).TryGetValue(output, out var result)
            ? result
            : null);

    public void Commit(Decision decision)
    {
        if (decision.Write is { } write)
        {
            if (write.SeqBefore != Committed.Seq)
            {
                throw new SagaKitException($"Saga {Id} would write over row {Committed.Seq} of its journal as if it were {write.SeqBefore}.");
            }

            foreach (var entry in write.Journal.Where(entry => entry.Kind is JournalKind.StepDone or JournalKind.Undone))
            {
                var (step, undo) = (Definition!.Steps[entry.Step].Name, entry.Kind is JournalKind.Undone);
                if (!_done.Add((step, undo)))
                {
                    throw new SagaKitException($"Step '{step}' of saga {Id} is recorded twice as {(undo ? "undone" : "done")}.");
                }
            }
        }

        if (decision.Saga.Version != Committed.Version)
        {
            // It goes on as another version, which may do steps again.
            _done.Clear();
        }

        Committed = decision.Saga;
    }

    public void Park(Exception? cause) => (Definition, Turn, _parked) = (null, null, cause);

    /// <summary>Another life of the host begins.</summary>
    public void Recover(SagaDefinition? definition)
    {
        (Turn, Begun, Told, Nudged, Memory, _parked) = (null, false, false, false, null, null);
        Definition = definition;
        Saga = Read();
    }

    /// <summary>What another life of the host finds: the row, and nothing that was only in memory.</summary>
    public SagaRecord Read()
    {
        var row = new SagaRecord
        {
            Id = Id,
            Shard = Committed.Shard,
            Key = Committed.Key,
            Name = Committed.Name,
            Version = Committed.Version,
            StartedAt = Committed.StartedAt,
            Deadline = Committed.Deadline,
            Input = Committed.Input,
            State = Committed.State,
            Step = Committed.Step,
            Undoing = Committed.Undoing && !IsFinal,
            Attempt = Committed.Attempt,
            Seq = Committed.Seq,
            DueAt = IsFinal ? null : Committed.DueAt,
            Intent = Committed.Intent && !IsFinal,
            Parent = Committed.Parent,
            Recovered = true,
        };
        return SagaCodec.Apply(row, SagaCodec.Data(Committed));
    }
}
