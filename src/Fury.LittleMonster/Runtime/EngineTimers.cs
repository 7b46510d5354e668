namespace Fury.LittleMonster;

/// <summary>Everything that waits for a time waits here, in memory: no row, no thread, no connection.</summary>
internal sealed partial class Engine
{
    // The clock may be corrected while it waits.
    private static readonly TimeSpan WakeWaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WakeWaitMin = TimeSpan.FromMilliseconds(1);

    /// <summary>With so many waiting, those due within <see cref="WakeTogether"/> are woken together: a timer each would be most of the work.</summary>
    private const int ManyWaiting = 10_000;

    private static readonly TimeSpan WakeTogether = TimeSpan.FromMilliseconds(500);

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
        if (_wakes.First is not { WakeAt: var first })
        {
            return;
        }

        var now = Now;
        var soonest = now + (_wakes.Count > ManyWaiting ? WakeTogether : WakeWaitMin);
        var latest = now + WakeWaitMax;
        var at = first < soonest ? soonest : first > latest ? latest : first;

        // Never put off: with many waiting, something earlier comes all the time.
        if (_timerAt <= at)
        {
            return;
        }

        _timerAt = at;
        _wakeTimer.Change(at - now, Timeout.InfiniteTimeSpan);
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
