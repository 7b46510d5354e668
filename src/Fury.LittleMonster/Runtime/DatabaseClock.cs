namespace Fury.LittleMonster;

/// <summary>
/// The database's time, told by this host's clock and the distance between the two; so hosts whose clocks differ agree on every deadline.
/// Of the last measurements the one with the shortest way there and back counts: it can be wrong by half of that at most.
/// </summary>
internal sealed class DatabaseClock(TimeProvider clock)
{
    private const int MeasurementsMax = 8;

    private readonly Queue<(TimeSpan RoundTrip, long OffsetTicks)> _measurements = new();
    private long _offsetTicks;

    public TimeProvider Local => clock;

    public DateTimeOffset Now => clock.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    /// <param name="sent">This host's time before the database was asked.</param>
    /// <param name="seen">What the database answered.</param>
    public void Measure(DateTimeOffset sent, DateTimeOffset seen)
    {
        var roundTrip = clock.GetUtcNow() - sent;
        _measurements.Enqueue((roundTrip, (seen - (sent + (roundTrip / 2))).Ticks));
        if (_measurements.Count > MeasurementsMax)
        {
            _measurements.Dequeue();
        }

        Interlocked.Exchange(ref _offsetTicks, _measurements.MinBy(one => one.RoundTrip).OffsetTicks);
    }
}
