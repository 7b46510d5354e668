namespace Fury.LittleMonster;

/// <summary>
/// What this host may believe of its lease, by a monotonic clock and with a margin of a fifth. Past it, no call of a step begins and those
/// under way are told to end; the database refuses its writes by itself.
/// </summary>
internal sealed class LeaseGuard : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lease;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private long _renewedAt;
    private bool _ended;
    private bool _lost;

    public LeaseGuard(TimeProvider clock, TimeSpan lease, long sentAt)
    {
        (_clock, _lease, _renewedAt) = (clock, lease * 0.8, sentAt);
        _timer = clock.CreateTimer(_ => Check(), null, Wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called, on some thread, when the lease can no longer be relied on.</summary>
    public Action Lost { get; set; } = () => { };

    public bool IsSafe
    {
        get
        {
            lock (_lock)
            {
                return !_ended && Left > TimeSpan.Zero;
            }
        }
    }

    private TimeSpan Left => _lease - _clock.GetElapsedTime(_renewedAt);

    /// <summary>For the timer; never below zero, however long the host was frozen between two looks.</summary>
    private TimeSpan Wait => Left is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <param name="sentAt">The monotonic time just before the renewal was sent.</param>
    public void Renewed(long sentAt)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _renewedAt = sentAt;
            _lost &= Left <= TimeSpan.Zero;
            _timer.Change(Wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The database says that it is lost.</summary>
    public void Lose()
    {
        var news = false;
        lock (_lock)
        {
            news = !_ended && !_lost;
        }

        if (news)
        {
            Telemetry.LeaseLost();
        }

        End();
    }

    /// <summary>For good: this incarnation is over.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
        }

        Check();
    }

    public void Dispose()
    {
        End();
        _timer.Dispose();
    }

    private void Check()
    {
        lock (_lock)
        {
            if (!_ended && Left > TimeSpan.Zero)
            {
                _timer.Change(Wait, Timeout.InfiniteTimeSpan);
                return;
            }

            if (_lost)
            {
                return;
            }

            _lost = true;
        }

        if (!_ended)
        {
            Telemetry.LeaseLost();
        }

        Lost();
    }
}
