using Fury.Kernel;

namespace Fury.Compute.Engines;

/// <summary>Works off what is unsettled, batch after batch.</summary>
public static class Backlog
{
    /// <summary>
    /// Until a batch is not full, or nothing of one could be settled: then the rest is for the next pass, which comes after a pause.
    /// </summary>
    /// <param name="read">Those that may be tried now, at most <paramref name="batchMax"/>; what is settled is not among them again.</param>
    /// <param name="settle">Null when it is done. Called for so many at once, on any thread.</param>
    /// <param name="refused">Told why one could not be settled, on any thread.</param>
    public static async Task WorkOff<T>(
        Func<Task<IReadOnlyList<T>>> read,
        int batchMax,
        int atOnceMax,
        Func<T, CancellationToken, Task<Fault?>> settle,
        Action<T, Fault> refused,
        CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnceMax, CancellationToken = cancellation };
        IReadOnlyList<T> batch;
        var settled = 0;
        do
        {
            batch = await read();
            settled = 0;
            await Parallel.ForEachAsync(batch, options, async (one, stop) =>
            {
                if (await settle(one, stop) is { } fault)
                {
                    refused(one, fault);
                }
                else
                {
                    Interlocked.Increment(ref settled);
                }
            });
        }
        while (settled > 0 && batch.Count == batchMax);
    }
}
