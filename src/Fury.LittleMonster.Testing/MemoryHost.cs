namespace Fury.LittleMonster.Testing;

/// <summary>
/// A host and a database of a few records, for one run. One thing happens at a time, to one saga after the other in turn, so a run is the same
/// whenever it is repeated.
/// </summary>
internal sealed partial class MemoryHost
{
    /// <summary>Moves of one run; more means that it goes round in circles.</summary>
    public const int MovesMax = 20_000;

    private const double Chance = 0.5;

    private readonly Script _script;
    private readonly TestClock _clock;
    private readonly IReadOnlyList<Saga> _sagas;
    private readonly List<MemorySaga> _live = [];
    private readonly List<MemorySaga> _started = [];
    private SagaRegistry _registry;
    private MemorySaga? _root;
    private int _turn = -1;
    private int _life = 1;

    public MemoryHost(Script script, TestClock clock, IReadOnlyList<Saga> sagas)
    {
        (_script, _clock, _sagas) = (script, clock, sagas);
        _registry = new SagaRegistry(() => sagas);
    }

    public List<string> Calls { get; } = [];

    public List<SagaPoint> Points { get; } = [];

    /// <summary>All sagas in the order of their starts.</summary>
    public IReadOnlyList<MemorySaga> Started => _started;

    private DateTimeOffset Now => _clock.GetUtcNow();

    public MemorySaga Begin(Type saga, ReadOnlyMemory<byte> input)
    {
        var definition = _registry.Of(saga);
        var blank = Starter.Prepare(definition, "kit", input, null, NextId(), Now, null);
        _root = blank.IsOk ? Admit(definition, blank.Value) : throw new SagaKitException($"Saga {definition.Name} does not start: {blank.Fault.Message}");
        return _root;
    }

    /// <summary>Runs until all has ended, or nothing can go on without a person.</summary>
    public async Task Run()
    {
        for (var move = 0; move < MovesMax; move++)
        {
            if (await Act() || SendSignals() || CallForHelp())
            {
                continue;
            }

            if (IsSettled())
            {
                return;
            }

            await PassTime();
        }

        throw new SagaKitException($"Saga {_root!.Committed.Name} did not end within {MovesMax} moves; it is {_root.State} at step '{_root.Step}'.");
    }

    /// <summary>One thing that can be done now; false when all wait.</summary>
    private async Task<bool> Act()
    {
        for (var tried = 0; tried < _live.Count; tried++)
        {
            _turn = (_turn + 1) % _live.Count;
            var live = _live[_turn];
            if (NextOf(live) is { } next)
            {
                Handle(live, next.Event, next.IsAsked);
                return true;
            }

            if (live.Turn is { } turn && (turn.Undo || live.Definition!.Steps[turn.Step].Batch is null))
            {
                await Call(live, turn);
                return true;
            }
        }

        return await AskTogether();
    }

    private (SagaEvent Event, bool IsAsked)? NextOf(MemorySaga live)
    {
        if (live.Definition is not { } definition)
        {
            return null;
        }

        if (!live.IsFinal && definition.Version != live.Saga.Version)
        {
            return (new SagaEvent.UpgradeDue(_registry.StepsOf(live.Saga.Name, live.Saga.Version)), false);
        }

        if (!live.IsFinal && !live.Saga.Held && HasKey(live))
        {
            return (new SagaEvent.Resumed(), false);
        }

        if (live.Asked.TryPeek(out var asked))
        {
            return (asked, true);
        }

        if (live.IsFinal)
        {
            return null;
        }

        if (live.Nudged)
        {
            live.Nudged = false;
            return (new SagaEvent.Nudged(), false);
        }

        return !live.Saga.InFlight && live.Saga.WakeAt <= Now ? (new SagaEvent.Elapsed(), false) : null;
    }

    private bool HasKey(MemorySaga live) => _live.Find(other => !other.IsFinal && other.Committed.Key == live.Committed.Key) == live;

    private void Handle(MemorySaga live, SagaEvent happened, bool isAsked)
    {
        Decision decision;
        try
        {
            if (live.IsFinal && happened is SagaEvent.RevertAsked revert && live.Definition!.Version != live.Committed.Version)
            {
                happened = revert with { OldSteps = _registry.StepsOf(live.Committed.Name, live.Committed.Version) };
            }

            decision = Decide.Next(live.Definition!, live.IsFinal ? live.Read() : live.Saga, happened, Now, Chance);
        }
#pragma warning disable CA1031 // A definition's own functions (ledger, sleep, upgrade) may throw; that is one saga's trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            live.Park(exception);
            return;
        }

        if (live.IsFinal && decision.Write is not { Revive: true })
        {
            live.Asked.Dequeue();
            return;
        }

        if ((decision.Write is not null || isAsked) && !Commit(live, decision, isAsked))
        {
            return;
        }

        live.Saga = decision.Saga;
        Perform(live, decision.Move);
    }

    /// <summary>False when it crashed, before or after.</summary>
    private bool Commit(MemorySaga live, Decision decision, bool isAsked)
    {
        if (Crashes(live, SagaAct.Commit, false))
        {
            return false;
        }

        live.Commit(decision);

        if (isAsked)
        {
            live.Asked.Dequeue();
        }

        if (decision.Write is { Revive: true })
        {
            // The last of those with its key.
            _live.Remove(live);
            _live.Add(live);
        }

        if (decision.Write is not null && (live.IsFinal || live.State is SagaState.Stuck))
        {
            Nudge(live.Committed.Parent);
        }

        return !Crashes(live, SagaAct.Commit, true);
    }

    private void Perform(MemorySaga live, Move? move)
    {
        switch (move)
        {
            case Move.Call call:
                (live.Turn, live.Begun, live.Told) = (call, false, false);
                break;
            case Move.Interrupt when live.Begun:
                live.Told = true;
                break;
            case Move.Interrupt when live.Turn is not null:
                live.Turn = null;
                Handle(live, new SagaEvent.CallInterrupted(), false);
                break;
        }
    }

    private void Nudge(SagaId? id)
    {
        if (id is { } parent && _live.Find(one => one.Id == parent) is { IsFinal: false } live)
        {
            live.Nudged = true;
        }
    }

    /// <summary>True when it crashes here: the caller returns, and all that was in memory is gone.</summary>
    private bool Crashes(MemorySaga live, SagaAct act, bool after)
    {
        var point = Points.Count;
        Points.Add(new SagaPoint(live.Id, live.Step, act, after));
        if (point == _script.CancelAt && _root is { IsFinal: false })
        {
            _root.Asked.Enqueue(new SagaEvent.CancelAsked(new SagaOrder("kit", "no longer wanted")));
        }

        if (!_script.CrashAt.Contains(point))
        {
            return false;
        }

        _life++;
        _registry = NextRegistry();
        foreach (var one in _live)
        {
            one.Recover(_registry.Resolve(one.Committed.Name, one.Committed.Version));
        }

        return true;
    }

    private SagaRegistry NextRegistry()
    {
        if (_script.Next.Count == 0)
        {
            return _registry;
        }

        var replaced = _script.Next.Select(saga => saga.Build().Name).ToHashSet();
        var next = new SagaRegistry(() => [.. _script.Next, .. _sagas.Where(saga => !replaced.Contains(saga.Build().Name))]);
        foreach (var definition in _sagas.Select(saga => saga.Build()))
        {
            next.Remember(definition.Name, definition.Version, SagaRegistry.Manifest(definition));
        }

        return next;
    }
}
