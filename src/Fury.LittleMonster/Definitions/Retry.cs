namespace Fury.LittleMonster;

/// <summary>
/// How often, and after what pauses, a step is tried again when it answers <c>Unavailable</c>, <c>Throttled</c> or <c>Exhausted</c>, or an
/// exception of input and output. Each pause is drawn evenly from half to the whole of an upper bound that doubles (jitter).
/// </summary>
public sealed record Retry
{
    private Retry(int attemptsMax, TimeSpan first, TimeSpan max) => (AttemptsMax, First, Max) = (attemptsMax, first, max);

    /// <summary>8 attempts, 100 ms to 30 s apart.</summary>
    public static Retry Default { get; } = Backoff(8);

    /// <summary>One attempt.</summary>
    public static Retry None { get; } = new(1, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>All attempts, the first one too.</summary>
    public int AttemptsMax { get; }

    /// <summary>The upper bound of the first pause.</summary>
    public TimeSpan First { get; }

    /// <summary>The upper bound of any pause.</summary>
    public TimeSpan Max { get; }

    /// <param name="attempts">All attempts, the first one too; at least 1.</param>
    /// <param name="first">Upper bound of the first pause; 100 ms when not given.</param>
    /// <param name="max">Upper bound of any pause; 30 s when not given.</param>
    public static Retry Backoff(int attempts, TimeSpan? first = null, TimeSpan? max = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        return new(attempts, first ?? TimeSpan.FromMilliseconds(100), max ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>Until the deadline of the step or of the saga.</summary>
    public static Retry Forever(TimeSpan? first = null, TimeSpan? max = null) => Backoff(int.MaxValue, first, max);

    /// <summary>The pause before the attempt after attempt number <paramref name="attempt"/> (from 1).</summary>
    /// <param name="chance">From 0 to 1, drawn by the caller.</param>
    internal TimeSpan Pause(int attempt, double chance)
    {
        var bound = Math.Min(Max.Ticks, First.Ticks * Math.Pow(2, Math.Min(attempt - 1, 40)));
        return TimeSpan.FromTicks((long)(bound * (0.5 + (chance / 2))));
    }
}
