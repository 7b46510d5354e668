namespace Fury.Processes;

/// <summary>How long a process that ended by itself waits for its restart.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    /// <summary>A process that was up for so long begins again with <see cref="First"/>.</summary>
    public static readonly TimeSpan ResetAfter = TimeSpan.FromSeconds(10);

    /// <param name="crashes">In a row, at least 1.</param>
    public static TimeSpan After(int crashes) => After(crashes, First, Max);

    /// <summary>For whoever has pauses of their own: each crash doubles the pause, up to the longest.</summary>
    /// <param name="crashes">In a row, at least 1.</param>
    public static TimeSpan After(int crashes, TimeSpan first, TimeSpan max) =>
        TimeSpan.FromTicks((long)Math.Min(max.Ticks, first.Ticks * Math.Pow(2, Math.Min(crashes - 1, 30))));

    public static int CrashesInARow(int before, TimeSpan up) => up >= ResetAfter ? 1 : before + 1;
}
