using System.Collections.Concurrent;
using Fury.Compute.Contracts;

namespace Fury.Compute.Engines;

/// <summary>Puts together what many sources tell of what replicas use.</summary>
public static class UsageParts
{
    /// <summary>Sources asked at the same time.</summary>
    private const int AtOnceMax = 32;

    /// <summary>For all of them together: whoever asks goes on with what there is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What all sources tell. What fails, or takes too long, is left out; throws only when it is cancelled.</summary>
    /// <param name="sources">Which there are.</param>
    /// <param name="ask">Asks one; called for so many at once, on any thread.</param>
    /// <param name="leftOut">Told why something is left out, on any thread.</param>
    public static async Task<IReadOnlyList<ReplicaUsage>> Gather<T>(
        Func<CancellationToken, Task<IEnumerable<T>>> sources,
        Func<T, CancellationToken, Task<IEnumerable<ReplicaUsage>>> ask,
        Action<Exception> leftOut,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = both.Token };
        var told = new ConcurrentQueue<ReplicaUsage>();
        await Try(async () => await Parallel.ForEachAsync(await sources(both.Token), options, async (source, stop) => await Try(async () =>
        {
            foreach (var usage in await ask(source, stop))
            {
                told.Enqueue(usage);
            }
        })));
        return [.. told];

        async Task Try(Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception failed) when (!cancellation.IsCancellationRequested)
            {
                leftOut(failed);
            }
        }
    }
}
