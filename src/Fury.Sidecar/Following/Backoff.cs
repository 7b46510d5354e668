namespace Fury.Sidecar.Following;

/// <summary>The pauses between attempts: each up to twice as long as the one before, and somewhere in the upper half of that.</summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    private TimeSpan _bound = Min;

    public void Reset() => _bound = Min;

    public TimeSpan Next()
    {
        var pause = _bound * (0.5 + (0.5 * random.NextDouble()));
        _bound = _bound * 2 < Max ? _bound * 2 : Max;
        return pause;
    }
}
