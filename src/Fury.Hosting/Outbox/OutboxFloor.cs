namespace Fury.Hosting;

/// <summary>
/// Below which id nothing new can appear. Reading from there keeps a read cheap while dead rows cannot be cleaned away, because some long
/// transaction could still see them. Ids become visible a moment after they are drawn and not in order, so the floor follows by
/// <see cref="Lag"/>, and now and then a read begins at zero whatever was assumed.
/// </summary>
internal sealed class OutboxFloor(TimeProvider clock)
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);
    private const int StepsPerFullRead = 6;

    private long _stepAt = clock.GetTimestamp();
    private long _highest;
    private long _candidate;
    private long _settled;
    private int _steps;

    public long Value { get; private set; }

    /// <summary>Notes a read.</summary>
    /// <param name="highest">The highest id read; 0 when none was.</param>
    /// <param name="complete">False when rows were left out on purpose: then nothing can be said about what lies below.</param>
    public void Read(long highest, bool complete)
    {
        Value = _settled;
        _highest = Math.Max(_highest, highest);
        if (!complete)
        {
            (Value, _settled, _candidate, _stepAt) = (0, 0, 0, clock.GetTimestamp());
        }
        else if (clock.GetElapsedTime(_stepAt) >= Lag)
        {
            _stepAt = clock.GetTimestamp();
            (_settled, _candidate) = (_candidate, _highest);
            Value = ++_steps % StepsPerFullRead == 0 ? 0 : _settled;
        }
    }
}
