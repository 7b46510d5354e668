using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>Calls of steps: in which order, how many at a time, within which limits, and only while the lease is sure.</summary>
internal sealed partial class Engine
{
    /// <summary>How much earlier or later than its time the step of a saga stands in the queue, by its priority.</summary>
    private static readonly TimeSpan PriorityStep = TimeSpan.FromSeconds(10);

    private readonly PriorityQueue<StepTurn, long> _ready = new();
    private readonly HashSet<StepTurn> _called = [];
    private readonly RateLimits _limits;
    private readonly ITimer _limitTimer;
    private int _running;

    private void Perform(LiveSaga live, Move? move)
    {
        switch (move)
        {
            case Move.Call call:
                live.Turn = new StepTurn(live, call, Now);
                if (live.Turn.Step.Batch is { } question && !call.Undo)
                {
                    Gather(live.Turn, question);
                    break;
                }

                _ready.Enqueue(live.Turn, Place(live.Turn));
                Pump();
                break;
            case Move.Interrupt when live.Turn is { Interrupt: { } interrupt }:
                Interrupt(interrupt);
                break;
            case Move.Interrupt when live.Turn is { } waiting:
                waiting.Void = true;
                live.Turn = null;
                Handle(live, new SagaEvent.CallInterrupted());
                break;
        }
    }

    /// <summary>Where steps are called: what a step has registered for its end may block or throw, and holds up nothing but steps.</summary>
    private void Interrupt(CancellationTokenSource call) => Schedulers.Begin(_parts.Schedulers.Steps, () =>
    {
        Cancel(call);
        return Task.CompletedTask;
    });

    private static long Place(StepTurn turn) => turn.ReadyAt.Ticks + (Priority(turn) switch
    {
        SagaPriority.High => -PriorityStep.Ticks,
        SagaPriority.Low => PriorityStep.Ticks,
        _ => 0,
    });

    private static SagaPriority Priority(StepTurn turn)
    {
        try
        {
            return turn.Live.Definition!.Priority?.Invoke(turn.Live.Saga.Input) ?? SagaPriority.Normal;
        }
#pragma warning disable CA1031 // The definition's own function; its turn comes all the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            return SagaPriority.Normal;
        }
    }

    private void Pump()
    {
        if (_limits.Any)
        {
            PumpParked();
        }

        while (_running < _parts.Settings.StepsMax && _ready.Count > 0 && _parts.Guard.IsSafe)
        {
            var turn = _ready.Dequeue();
            if (MayBegin(turn) && Enter(turn))
            {
                Begin(turn);
            }
        }

        if (_limits.Any)
        {
            SetLimitTimer();
        }
    }

    /// <summary>Those that waited for their target go first: they have waited longest.</summary>
    private void PumpParked()
    {
        foreach (var limit in _limits.All)
        {
            while (limit.Parked.Count > 0 && _running < _parts.Settings.StepsMax && _parts.Guard.IsSafe && limit.TryEnter(Now))
            {
                var turn = limit.Parked.Dequeue();
                turn.Limit = limit;
                if (!MayBegin(turn))
                {
                    limit.Leave();
                    continue;
                }

                Begin(turn);
            }
        }
    }

    private bool MayBegin(StepTurn turn)
    {
        if (turn.Void || turn.Live.Definition is null)
        {
            return false;
        }

        if (!_draining.Contains(turn.Live.Saga.Shard))
        {
            return true;
        }

        // Its next owner makes the call. Not given up here, where whoever asked for the call still has the saga in hand.
        turn.Live.Turn = null;
        Post(() => Release(turn.Live.Saga.Shard));
        return false;
    }

    /// <summary>False when the turn has to wait for its target, or could not be made at all.</summary>
    private bool Enter(StepTurn turn)
    {
        try
        {
            turn.Limit = turn.Call.Undo || turn.Step.Limit is not { } target ? null : _limits.Of(target(turn.Live.Saga.Input));
        }
#pragma warning disable CA1031 // The definition's own function; its failure is the step's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            turn.Live.Turn = null;
            Handle(turn.Live, StepRunner.Refused(Fault.Invalid($"The limit of step '{turn.Step.Name}' has no target: {exception.Message}")));
            return false;
        }

        if (turn.Limit is not { } limit || limit.TryEnter(Now))
        {
            return true;
        }

        limit.Parked.Enqueue(turn, Place(turn));
        return false;
    }

    private void SetLimitTimer()
    {
        DateTimeOffset? first = null;
        foreach (var limit in _limits.All.Where(limit => limit.Parked.Count > 0))
        {
            first = limit.NextAt(Now) is { } at && !(at >= first) ? at : first;
        }

        if (first is { } next)
        {
            var wait = next - Now;
            _limitTimer.Change(wait < WakeWaitMin ? WakeWaitMin : wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Begin(StepTurn turn)
    {
        _running++;
        turn.Interrupt = new CancellationTokenSource();
        _called.Add(turn);
        var call = CallOf(turn);
        Schedulers.Begin(_parts.Schedulers.Steps, () => Call(turn, call));
    }

    private StepCall CallOf(StepTurn turn)
    {
        var (live, saga) = (turn.Live, turn.Live.Saga);
        return new StepCall
        {
            Saga = saga.Id,
            Step = turn.Step.Name,
            Space = _parts.Host.Space,
            Fence = _parts.Host.Fence,
            Attempt = turn.Call.Attempt,
            Input = saga.Input,
            Results = saga.Results,
            Children = _parts.Children,
            Key = saga.Key,
            Parent = saga.Parent,
            BehindPivot = turn.Call.Step >= live.Definition!.Pivot,
            Trace = saga.Trace,
            Cancellation = turn.Interrupt?.Token ?? default,
            Memory = live.MemoryOf(turn.Call.Step, turn.Call.Undo),
        };
    }

    private async Task Call(StepTurn turn, StepCall call)
    {
        var (saga, step) = (turn.Live.Saga, turn.Step);
        var (began, stamp) = (_parts.Clock.Now, _parts.Clock.Local.GetTimestamp());
        using var activity = Telemetry.Calling(saga, step, turn.Call);
        var answer = await StepRunner.Run(step, turn.Call.Undo, call);
        var took = _parts.Clock.Local.GetElapsedTime(stamp);
        Telemetry.StepCalled(activity, saga, step, turn.Call, answer, took);
        var happened = answer with { Time = new CallTime(began, took) };
        Post(() => Answered(turn, call, happened));
    }

    private void Answered(StepTurn turn, StepCall call, SagaEvent happened)
    {
        if (!turn.GivenUp)
        {
            Finish(turn, happened);
        }

        turn.Interrupt!.Dispose();
        turn.Interrupt = null;
        var live = turn.Live;
        if (live.Turn == turn)
        {
            live.Turn = null;
            live.Memory = call.Memory is { } memory ? new StepMemory(turn.Call.Step, turn.Call.Undo, memory) : null;
            Handle(live, happened);
            Release(live.Saga.Shard);
        }

        Pump();
    }

    private void Finish(StepTurn turn, SagaEvent? happened)
    {
        _running--;
        _called.Remove(turn);
        turn.Limit?.Leave();
        if (happened is SagaEvent.Refused { Fault.Kind: FaultKind.Throttled })
        {
            turn.Limit?.Throttled();
        }
    }

    /// <summary>It was told to end and does not: the saga goes on without it, and its place is another's.</summary>
    private void GiveUp(StepTurn turn)
    {
        Finish(turn, null);
        turn.GivenUp = true;
        turn.Live.Turn = null;
        Telemetry.StepGivenUp(turn.Live.Saga, turn.Step.Name);
        _parts.Log.LogWarning(
            "Step '{Step}' of saga {Saga} did not end within {Grace} of being told to; the saga goes on without it",
            turn.Step.Name,
            turn.Live.Saga.Id,
            Decide.EndGrace);
    }

    private void LeaseUnsure()
    {
        foreach (var turn in _called.ToArray())
        {
            Handle(turn.Live, new SagaEvent.LeaseUnsure());
        }

        InterruptBatches();
    }

    private void InterruptAll()
    {
        foreach (var turn in _called)
        {
            Interrupt(turn.Interrupt!);
        }

        InterruptBatches();
    }

    /// <summary>The lease is sure again, so calls may begin.</summary>
    public void LeaseRenewed() => Post(Pump);
}
