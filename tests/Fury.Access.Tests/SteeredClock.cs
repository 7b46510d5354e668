namespace Fury.Access.Tests;

/// <summary>The time of day as the test says.</summary>
public sealed class SteeredClock : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public override long GetTimestamp() => System.GetTimestamp() + (_ahead.Ticks * (System.TimestampFrequency / TimeSpan.TicksPerSecond));

    public override long TimestampFrequency => System.TimestampFrequency;

    public void Advance(TimeSpan time) => _ahead += time;
}
