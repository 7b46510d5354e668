using System.Runtime.CompilerServices;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>What runs write: from their clusters while they run, and what was kept afterwards.</summary>
internal sealed class JobLogs(RunStore store, RunLines lines, TimeProvider clock)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>Lines so far; with <paramref name="follow"/> also those that come, until the run has ended.</summary>
    /// <param name="tail">Of each attempt, 1 to <see cref="RunLines.TailMax"/>.</param>
    public async IAsyncEnumerable<RunLine> Read(RunId id, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        HashSet<string> read = [];
        while (await store.Find(id, cancellation) is { } run)
        {
            if (await store.Lines(id, cancellation) is { } kept)
            {
                // What was read while it ran is not told again.
                foreach (var attempt in kept.Where(line => line.Attempt > read.Count).GroupBy(line => line.Attempt))
                {
                    foreach (var line in attempt.TakeLast(tail))
                    {
                        yield return line;
                    }
                }

                yield break;
            }

            foreach (var (at, attempt) in run.Seen.Index())
            {
                if (read.Contains(attempt.Uid)
                    || await lines.Open(run, attempt, tail, follow, cancellation) is not { IsOk: true, Value: var opened })
                {
                    continue; // Read already, or not begun yet.
                }

                read.Add(attempt.Uid);
                await foreach (var line in opened.Lines.WithCancellation(cancellation))
                {
                    yield return new(line.At, at + 1, line.Text);
                }
            }

            if (!follow || run.HasEnded)
            {
                yield break;
            }

            await Task.Delay(LookPeriod, clock, cancellation);
        }
    }
}
