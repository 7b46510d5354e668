namespace Fury.LittleMonster;

/// <summary>
/// The database's time, told by this host's clock and the distance last measured between the two; so hosts whose clocks differ agree on
/// every deadline.
/// </summary>
internal sealed class DatabaseClock(TimeProvider clock)
{
    private long _offsetTicks;

    public TimeProvider Local => clock;

    public DateTimeOffset Now => clock.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    /// <param name="sent">This host's time before the database was asked.</param>
    /// <param name="seen">What the database answered.</param>
    public void Measure(DateTimeOffset sent, DateTimeOffset seen)
    {
        var half = (clock.GetUtcNow() - sent) / 2;
        Interlocked.Exchange(ref _offsetTicks, (seen - (sent + half)).Ticks);
    }
}
