namespace Fury.Mesh.Tests;

/// <summary>The machine's clock, which a test may set forward: what waited for less fires at once.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly HashSet<Timer> _timers = [];
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_ahead.TotalSeconds * System.TimestampFrequency);

    public void Leap(TimeSpan by)
    {
        List<Timer> timers;
        lock (_gate)
        {
            _ahead += by;
            timers = [.. _timers];
        }

        timers.ForEach(timer => timer.Set());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly LeapingClock _clock;
        private readonly ITimer _inner;
        private readonly Lock _gate = new();
        private long? _due;
        private TimeSpan _period;

        public Timer(LeapingClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _inner = System.CreateTimer(_ => Fire(callback, state), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : Ticks(dueTime);
                _period = period;
            }

            Set();
            return true;
        }

        /// <summary>To fire when it is due by the clock as it is now.</summary>
        public void Set()
        {
            lock (_gate)
            {
                // Whole milliseconds, rounded up: the machine's timers know no less, and would fire too early.
                var left = _due is { } due
                    ? TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, 1000.0 * (due - _clock.GetTimestamp()) / _clock.TimestampFrequency)))
                    : Timeout.InfiniteTimeSpan;
                _inner.Change(left, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            lock (_clock._gate)
            {
                _clock._timers.Remove(this);
            }

            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(TimerCallback callback, object? state)
        {
            var isEarly = false;
            lock (_gate)
            {
                if (_due is not { } due)
                {
                    return;
                }

                isEarly = due > _clock.GetTimestamp();
                _due = isEarly ? due : _period > TimeSpan.Zero ? Ticks(_period) : null;
            }

            Set();
            if (!isEarly)
            {
                callback(state);
            }
        }

        private long Ticks(TimeSpan from) => _clock.GetTimestamp() + (long)(from.TotalSeconds * _clock.TimestampFrequency);
    }
}
