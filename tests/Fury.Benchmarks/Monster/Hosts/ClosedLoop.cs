using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Fury.LittleMonster;

namespace Fury.Benchmarks.Monster;

/// <summary>Starts a saga, waits for its end, starts the next; so many at a time.</summary>
internal static class ClosedLoop
{
    public static async Task<Finished> Run(ILittleMonster sagas, Order.Run order)
    {
        var (clock, next) = (Stopwatch.StartNew(), order.First - 1);
        var latencies = new ConcurrentBag<List<double>>();
        await Task.WhenAll(Enumerable.Range(0, order.InFlight).Select(_ => Task.Run(Client)));
        var seconds = clock.Elapsed.TotalSeconds;
        var sorted = latencies.SelectMany(one => one).Order().ToList();
        return new Finished(sorted.Count, seconds, sorted[sorted.Count / 2], sorted[(int)(sorted.Count * 0.99)]);

        async Task Client()
        {
            List<double> mine = [];
            while (clock.Elapsed.TotalSeconds < order.SecondsMax && Interlocked.Increment(ref next) is var number && number - order.First < order.CountMax)
            {
                var begun = clock.Elapsed;
                var started = await sagas.Start<FiveSteps, Job>(Key(order.Name, number), new Job(number), CancellationToken.None);
                var ended = await sagas.WaitFor(started.Value, CancellationToken.None);
                if (ended.Value.State is not SagaState.Completed)
                {
                    throw new InvalidOperationException($"Saga {started.Value} has ended {ended.Value.State}: {ended.Value.Fault?.Message}");
                }

                mine.Add((clock.Elapsed - begun).TotalMilliseconds);
            }

            latencies.Add(mine);
        }
    }

    /// <summary>As scattered as the keys of real callers: neighbours in time are no neighbours in the index.</summary>
    public static string Key(string run, int number) => ((ulong)number * 0x9E3779B97F4A7C15UL).ToString("x16", CultureInfo.InvariantCulture) + "/" + run;
}
