namespace Fury.Compute.Standard.Autoscaling;

/// <summary>
/// The level of a series and how fast it moves, by double exponential smoothing (Holt 1957) for readings that come at any distance: a reading counts for
/// as much as the time since the last one.
/// </summary>
/// <param name="Level">Smoothed.</param>
/// <param name="PerSecond">How fast the level moves.</param>
internal readonly record struct Trend(double Level, double PerSecond)
{
    /// <summary>After so long an old reading counts for 1/e of a new one.</summary>
    private const double LevelSeconds = 30;
    private const double MoveSeconds = 120;

    public static Trend Of(double value) => new(value, 0);

    public Trend With(double value, TimeSpan since)
    {
        var seconds = since.TotalSeconds;
        if (seconds <= 0)
        {
            return this;
        }

        var expected = Level + (PerSecond * seconds);
        var level = expected + ((value - expected) * (1 - Math.Exp(-seconds / LevelSeconds)));
        var move = PerSecond + ((((level - Level) / seconds) - PerSecond) * (1 - Math.Exp(-seconds / MoveSeconds)));
        return new(level, move);
    }

    public double After(TimeSpan time) => Math.Max(0, Level + (PerSecond * time.TotalSeconds));
}
