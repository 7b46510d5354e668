namespace Fury.LittleMonster;

/// <summary>Everything that waits for a time waits here, in memory: no row, no thread, no connection.</summary>
internal sealed partial class Engine
{
    // By id, so that a saga that has ended is not kept in memory until the deadline it did not need.
    private readonly PriorityQueue<SagaId, DateTimeOffset> _wakes = new();
    private readonly ITimer _wakeTimer;
    private DateTimeOffset? _timerAt;

    /// <summary>
    /// Sees to it that the saga is looked at in time. One that moved its time back keeps its place in the queue and is asked again then, so
    /// there is about one entry per saga.
    /// </summary>
    private void Arm(LiveSaga live)
    {
        if (live.Definition is null || live.Writing || live.Saga.WakeAt is not { } at || live.ArmedAt <= at)
        {
            return;
        }

        live.ArmedAt = at;
        _wakes.Enqueue(live.Saga.Id, at);
        SetTimer();
    }

    private void SetTimer()
    {
        if (!_wakes.TryPeek(out _, out var first) || _timerAt <= first)
        {
            return;
        }

        _timerAt = first;
        var wait = first - Now;
        var soonest = TimeSpan.FromMilliseconds(1);
        _wakeTimer.Change(wait > WakeWaitMax ? WakeWaitMax : wait < soonest ? soonest : wait, Timeout.InfiniteTimeSpan);
    }

    // The clock may be corrected while it waits.
    private static readonly TimeSpan WakeWaitMax = TimeSpan.FromMinutes(1);

    private void WakeDue()
    {
        _timerAt = null;
        while (_wakes.TryPeek(out var id, out var at) && at <= Now)
        {
            _wakes.Dequeue();
            if (!_live.TryGetValue(id, out var live) || live.ArmedAt != at)
            {
                continue;
            }

            live.ArmedAt = null;
            if (live.Saga.WakeAt <= Now)
            {
                Handle(live, new SagaEvent.Elapsed());
            }

            Arm(live);
        }

        SetTimer();
    }
}
