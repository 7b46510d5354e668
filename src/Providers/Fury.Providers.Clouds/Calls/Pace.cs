namespace Fury.Providers.Clouds;

/// <summary>
/// How often one target may be called: a bucket of turns that fills at a rate, and the rate follows what the target bears. Halved when it says that it is
/// asked too often, at most once for each of its own refills, and grown by a tenth of its full rate with each second without such an answer (additive
/// increase, multiplicative decrease). Pure: time is given.
/// </summary>
/// <param name="PerSecond">The full rate.</param>
/// <param name="Burst">Turns that may be taken at once after a rest.</param>
internal sealed record PaceLimit(double PerSecond, double Burst);

/// <inheritdoc cref="PaceLimit"/>
internal sealed class Pace(PaceLimit limit, TimeProvider clock)
{
    /// <summary>The rate never falls below this part of the full one: somebody has to notice that the target bears more again.</summary>
    private const double FloorPart = 1.0 / 64;

    private static readonly TimeSpan HalvedAtMostEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private double _turns = limit.Burst;
    private double _rate = limit.PerSecond;
    private long _filled = clock.GetTimestamp();
    private long? _halved;

    /// <summary>Turns a second, now.</summary>
    public double Rate
    {
        get
        {
            lock (_lock)
            {
                Fill();
                return _rate;
            }
        }
    }

    /// <summary>
    /// Takes turns and says how long to wait for them; null, and none is taken, where that is longer than <paramref name="max"/>. Turns are given in the
    /// order in which they are asked for.
    /// </summary>
    public TimeSpan? Take(TimeSpan max, int turns = 1)
    {
        lock (_lock)
        {
            Fill();
            var wait = TimeSpan.FromSeconds(Math.Max(0, turns - _turns) / _rate);
            if (wait > max)
            {
                return null;
            }

            _turns -= turns;
            return wait;
        }
    }

    /// <summary>Gives back turns that were taken and not used.</summary>
    public void Return(int turns)
    {
        lock (_lock)
        {
            Fill();
            _turns = Math.Min(limit.Burst, _turns + turns);
        }
    }

    /// <summary>The target has said that it is asked too often.</summary>
    public void Throttled()
    {
        lock (_lock)
        {
            Fill();
            if (_halved is { } last && clock.GetElapsedTime(last) < HalvedAtMostEvery)
            {
                return;
            }

            _halved = clock.GetTimestamp();
            _rate = Math.Max(limit.PerSecond * FloorPart, _rate / 2);
            _turns = Math.Min(_turns, 0);
        }
    }

    private void Fill()
    {
        var seconds = clock.GetElapsedTime(_filled).TotalSeconds;
        _filled = clock.GetTimestamp();
        _turns = Math.Min(limit.Burst, _turns + (seconds * _rate));
        if (_halved is { } last && clock.GetElapsedTime(last) >= HalvedAtMostEvery)
        {
            _rate = Math.Min(limit.PerSecond, _rate + (seconds * limit.PerSecond / 10));
        }
    }
}
