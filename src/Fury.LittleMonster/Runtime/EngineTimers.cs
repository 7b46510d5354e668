namespace Fury.LittleMonster;

/// <summary>Everything that waits for a time waits here, in memory: no row, no thread, no connection.</summary>
internal sealed partial class Engine
{
    // The clock may be corrected while it waits.
    private static readonly TimeSpan WakeWaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WakeWaitMin = TimeSpan.FromMilliseconds(1);

    private readonly WakeQueue _wakes = new();
    private readonly ITimer _wakeTimer;
    private DateTimeOffset? _timerAt;

    /// <summary>Sees to it that the saga is looked at in time.</summary>
    private void Arm(LiveSaga live)
    {
        if (live.Definition is not null && !live.Writing)
        {
            _wakes.Set(live, live.Saga.WakeAt);
            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_wakes.First is not { WakeAt: var first } || _timerAt <= first)
        {
            return;
        }

        _timerAt = first;
        var wait = first - Now;
        _wakeTimer.Change(wait > WakeWaitMax ? WakeWaitMax : wait < WakeWaitMin ? WakeWaitMin : wait, Timeout.InfiniteTimeSpan);
    }

    private void WakeDue()
    {
        _timerAt = null;
        while (_wakes.First is { } live && live.WakeAt <= Now)
        {
            _wakes.Remove(live);
            if (live.Turn is { Interrupt: not null } turn && live.Saga.ToldAt + Decide.EndGrace <= Now)
            {
                GiveUp(turn);
            }

            Handle(live, new SagaEvent.Elapsed());
        }

        SetTimer();
    }
}
