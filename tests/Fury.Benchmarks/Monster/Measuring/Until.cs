using System.Diagnostics;

namespace Fury.Benchmarks.Monster;

internal static class Until
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until it is so; <see cref="TimeoutException"/> with <paramref name="what"/> when it is not by then.</summary>
    public static async Task True(Func<Task<bool>> condition, TimeSpan within, string what, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > within)
            {
                throw new TimeoutException($"Not within {within.TotalSeconds:0} s: {what}.");
            }

            await Task.Delay(LookPeriod, cancellation);
        }
    }
}
