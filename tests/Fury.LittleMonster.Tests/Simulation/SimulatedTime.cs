namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// The clocks of one process: its wall clock is wrong and drifts, and can be set; its monotonic clock is right but for the drift.
/// Timers run by the simulation's time and fire as work of the process.
/// </summary>
/// <param name="drift">Seconds gained in a second.</param>
internal sealed class SimulatedTime(Simulator simulator, SimulatedProcess process, TimeSpan skew, double drift) : TimeProvider
{
    public static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How wrong the wall clock is, without its drift.</summary>
    public TimeSpan Skew { get; set; } = skew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Begin + Skew + Gone;

    public override long GetTimestamp() => Gone.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(simulator, process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private TimeSpan Gone => simulator.Now + (simulator.Now * drift);

    private sealed class Timer(Simulator simulator, SimulatedProcess process, Action callback) : ITimer
    {
        private int _setting;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                simulator.After(dueTime, () => Elapsed(setting));
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Elapsed(int setting)
        {
            if (setting != _setting || !process.IsAlive)
            {
                return;
            }

            process.Post(() => Fire(setting));
            if (_period > TimeSpan.Zero)
            {
                simulator.After(_period, () => Elapsed(setting));
            }
        }

        private void Fire(int setting)
        {
            if (setting == _setting)
            {
                callback();
            }
        }
    }
}
