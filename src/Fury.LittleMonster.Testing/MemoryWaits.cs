namespace Fury.LittleMonster.Testing;

/// <summary>What happens when all sagas wait: signals come, an operator helps, time passes.</summary>
internal sealed partial class MemoryHost
{
    private bool SendSignals()
    {
        foreach (var live in _live.Where(one => one is { Turn: null, Saga: { Held: true, State: SagaState.Waiting, Undoing: false } }))
        {
            if (Send(live, signal => signal.Name == live.Step && live.Definition?.Steps[live.Saga.Step].Kind is StepKind.Signal))
            {
                return true;
            }
        }

        return false;
    }

    private bool Send(MemorySaga live, Predicate<SentSignal> wanted)
    {
        var signals = _script.Signals.Where(one => wanted(one) && !_script.Withheld.Contains(one.Name) && live.Sent.Add(one)).ToList();
        signals.ForEach(signal => live.Asked.Enqueue(new SagaEvent.SignalCame(signal.Name, signal.Value)));
        return signals.Count > 0;
    }

    private bool CallForHelp()
    {
        if (_live.Find(one => one.State is SagaState.Stuck) is not { } stuck || !_script.Help.TryDequeue(out var help))
        {
            return false;
        }

        stuck.Asked.Enqueue(help.Give());
        return true;
    }

    /// <summary>Also when what is left waits for the undo of a child that is stuck.</summary>
    private bool IsSettled() => _live.TrueForAll(one => one.IsFinal || one.State is SagaState.Stuck or SagaState.Parked
        || (one.Saga is { Undoing: true, Attempt: > 1 } && one.Definition!.Steps[one.Saga.Step].Child is not null
            && _live.Exists(other => other.Committed.Parent == one.Id && !other.IsFinal)
            && _live.TrueForAll(other => other.Committed.Parent != one.Id || other.IsFinal
                || other.State is SagaState.Stuck or SagaState.Parked || other.Saga.Undoing)));

    private async Task PassTime()
    {
        if (_script.WhileWaiting is { } act)
        {
            await act();
        }

        var next = _live.Where(one => one is { IsFinal: false, Definition: not null }).Min(one => one.Saga.WakeAt);
        if (next is not { } at)
        {
            throw new SagaKitException($"Saga {_root!.Committed.Name} waits at step '{_root.Step}' for nothing that could come.");
        }

        if (at > Now)
        {
            _clock.Advance(at - Now);
        }
    }
}
