namespace Fury.Deployments.Freezes;

/// <summary>Whether a freeze's time is now.</summary>
/// <param name="Until">When that changes; null: never, or, of one that recurs, not within <see cref="Windows.Horizon"/>.</param>
internal readonly record struct Window(bool IsNow, DateTimeOffset? Until);

/// <summary>The times of freezes. Pure.</summary>
internal static class Windows
{
    /// <summary>So far ahead times that recur are looked for.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(366);

    /// <summary>By so much more than its length a time may last, because clocks are put back.</summary>
    private static readonly TimeSpan ShiftMax = TimeSpan.FromHours(3);

    public static Window At(Freeze freeze, DateTimeOffset now) =>
        freeze.Recurs is { } recurrence ? At(recurrence, now)
        : now < freeze.From ? new(false, freeze.From)
        : freeze.To is null || now < freeze.To ? new(true, freeze.To)
        : new(false, null);

    /// <summary>Times that overlap or touch each other are one.</summary>
    private static Window At(Recurrence recurrence, DateTimeOffset now)
    {
        DateTimeOffset? end = null;
        var longest = TimeSpan.FromMinutes(recurrence.Minutes) + ShiftMax;
        foreach (var (from, to) in recurrence.Times(now - longest, now + Horizon))
        {
            if (from > (end ?? now))
            {
                return end is null ? new(false, from) : new(true, end);
            }

            end = to > (end ?? now) ? to : end;
        }

        return new(end is not null, end < now + Horizon ? end : null);
    }
}
