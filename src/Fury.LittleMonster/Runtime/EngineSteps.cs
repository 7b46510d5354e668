namespace Fury.LittleMonster;

/// <summary>Calls of steps: how many at a time, and only while the lease is sure.</summary>
internal sealed partial class Engine
{
    private readonly Queue<StepTurn> _turns = new();
    private int _running;

    // What a timer can hold, by far; a call that is interrupted before its time is simply made again.
    private static readonly TimeSpan CallMax = TimeSpan.FromDays(7);

    private void Perform(LiveSaga live, Move? move)
    {
        switch (move)
        {
            case Move.Call call:
                live.Turn = new StepTurn(live, call);
                _turns.Enqueue(live.Turn);
                Pump();
                break;
            case Move.Interrupt when live.Turn is { Interrupt: { } interrupt }:
                interrupt.Cancel();
                break;
            case Move.Interrupt when live.Turn is { } waiting:
                waiting.Void = true;
                live.Turn = null;
                Handle(live, new SagaEvent.CallInterrupted());
                break;
        }
    }

    private void Pump()
    {
        while (_running < _parts.Settings.StepsMax && _turns.Count > 0 && _parts.Guard.IsSafe)
        {
            var turn = _turns.Dequeue();
            if (turn.Void || turn.Live.Definition is null)
            {
                continue;
            }

            if (_draining.Contains(turn.Live.Saga.Shard))
            {
                // Its next owner makes the call.
                turn.Live.Turn = null;
                Release(turn.Live.Saga.Shard);
                continue;
            }

            _running++;
            turn.Interrupt = CancellationTokenSource.CreateLinkedTokenSource(_parts.Guard.Lost);
            turn.Interrupt.CancelAfter(Left(turn.Live.Saga.CallUntil));
            _ = Run(turn);
        }
    }

    /// <summary>A little longer than told, so that the time has surely come when the call ends for it.</summary>
    private TimeSpan Left(DateTimeOffset until)
    {
        var left = until - Now + TimeSpan.FromMilliseconds(5);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > CallMax ? CallMax : left;
    }

    private async Task Run(StepTurn turn)
    {
        var (saga, call) = (turn.Live.Saga, turn.Call);
        var step = turn.Live.Definition!.Steps[call.Step];
        var token = SagaToken.Of(_parts.Host.Space, saga.Id, step.Name);
        var begun = _parts.Clock.Local.GetTimestamp();
        var happened = await StepRunner.Run(
            step,
            call.Undo,
            new StepCall
            {
                Saga = saga.Id,
                Token = token,
                Tags = SagaToken.Tags(saga.Id, step.Name, token),
                Fence = _parts.Host.Epoch,
                Attempt = call.Attempt,
                Input = saga.Input,
                Results = saga.Results,
                Cancellation = turn.Interrupt!.Token,
            },
            _parts.Clock.Local);
        Telemetry.StepCalled(saga, step.Name, happened.GetType().Name, _parts.Clock.Local.GetElapsedTime(begun));
        Post(() =>
        {
            _running--;
            turn.Interrupt.Dispose();
            turn.Interrupt = null;
            if (turn.Live.Turn == turn)
            {
                turn.Live.Turn = null;
                Handle(turn.Live, happened);
                Release(turn.Live.Saga.Shard);
            }

            Pump();
        });
    }

    /// <summary>The lease is sure again, so calls may begin.</summary>
    public void LeaseRenewed() => Post(Pump);
}
