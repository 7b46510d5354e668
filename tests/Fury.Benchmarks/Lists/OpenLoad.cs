using System.Diagnostics;

namespace Fury.Benchmarks.Lists;

/// <summary>An answer of an open load.</summary>
/// <param name="Number">Of the request.</param>
/// <param name="Ms">Since the request was due, not since it was sent: whoever is kept waiting counts.</param>
internal sealed record Timed(int Number, double Ms, int Bytes);

/// <summary>Requests that come at a rate whether those before are answered or not, as people's do.</summary>
internal static class OpenLoad
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <param name="ask">Sends the request of this number and returns the bytes of its answer; throws when it is refused.</param>
    public static async Task<IReadOnlyList<Timed>> Run(int perSecond, int count, Func<int, Task<int>> ask, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var answers = new Task<Timed>[count];
        for (var number = 0; number < count; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond);
            while (clock.Elapsed < due)
            {
                await Task.Delay(Tick, stop);
            }

            answers[number] = One(number, due);
        }

        return await Task.WhenAll(answers);

        async Task<Timed> One(int number, TimeSpan due)
        {
            await Task.Yield();
            var bytes = await ask(number);
            return new(number, (clock.Elapsed - due).TotalMilliseconds, bytes);
        }
    }

    /// <param name="share">0 to 1.</param>
    public static double Percentile(this IEnumerable<Timed> answers, double share)
    {
        var sorted = answers.Select(answer => answer.Ms).Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }
}
