namespace Fury.LocalCluster;

/// <summary>The clock of a cluster: the machine's, or one that is ahead, behind or stopped. Timers run on whatever it says.</summary>
internal sealed class ClusterClock(TimeProvider inner) : TimeProvider
{
    private readonly Lock _lock = new();
    private TimeSpan _shift;
    private DateTimeOffset? _stoppedAt;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _stoppedAt ?? (inner.GetUtcNow() + _shift);
        }
    }

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);

    public void Shift(TimeSpan by)
    {
        lock (_lock)
        {
            (_shift, _stoppedAt) = (by, null);
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _stoppedAt = inner.GetUtcNow() + _shift;
        }
    }

    public void Resume()
    {
        lock (_lock)
        {
            _stoppedAt = null;
        }
    }
}
