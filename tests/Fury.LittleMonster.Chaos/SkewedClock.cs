namespace Fury.LittleMonster.Chaos;

/// <summary>A clock on the wall that is wrong by a fixed distance. Its timestamps and timers are right, as a machine's monotonic clock is.</summary>
internal sealed class SkewedClock(TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;
}
