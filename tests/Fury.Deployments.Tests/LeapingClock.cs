namespace Fury.Deployments.Tests;

/// <summary>Whoever waits by this clock has waited: it leaps to the end of every pause at once, so deadlines come after a few looks.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long _leapt;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _leapt));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        Interlocked.Add(ref _leapt, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
