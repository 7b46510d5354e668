namespace Fury.Cli.Tests;

/// <summary>Time as the test says, and timers that fire by it.</summary>
internal sealed class FiringClock : TimeProvider, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private long _now = 1_000_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Goes to where the next timer is due, if that is within so long, and fires it; false when none is.</summary>
    public bool AdvanceToNext(TimeSpan within)
    {
        Timer? next;
        lock (_gate)
        {
            next = _timers.Where(timer => timer.Due <= GetTimestamp() + within.Ticks).MinBy(timer => timer.Due);
        }

        if (next is null)
        {
            return false;
        }

        Interlocked.Exchange(ref _now, Math.Max(GetTimestamp(), next.Due));
        next.Fire();
        return true;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timers.Clear();
        }
    }

    private sealed class Timer(FiringClock clock, Action fire) : ITimer
    {
        private long _due = long.MaxValue;

        public long Due => Volatile.Read(ref _due);

        public void Fire()
        {
            Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Volatile.Write(ref _due, dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock.GetTimestamp() + dueTime.Ticks);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
