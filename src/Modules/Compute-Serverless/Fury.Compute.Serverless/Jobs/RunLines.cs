using System.Globalization;
using System.Text;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>A line that a run wrote.</summary>
/// <param name="Attempt">Which of its attempts, from 1.</param>
internal sealed record RunLine(DateTimeOffset? At, int Attempt, string Text)
{
    /// <summary>Time, number of the attempt, text.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At?.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Attempt} {Text}");
}

/// <summary>The last lines of a run, in so many bytes.</summary>
internal sealed class KeptLines
{
    /// <summary>Of the text of all lines, in UTF-8.</summary>
    public const int BytesMax = 256 * 1024;

    /// <summary>What is longer is cut.</summary>
    public const int LineLengthMax = 4000;

    private readonly Queue<(RunLine Line, int Bytes)> _lines = new();
    private int _bytes;

    public RunLine[] All => [.. _lines.Select(kept => kept.Line)];

    public void Add(RunLine line)
    {
        if (line.Text.Length > LineLengthMax)
        {
            line = line with { Text = $"{line.Text[..(char.IsHighSurrogate(line.Text[LineLengthMax - 1]) ? LineLengthMax - 1 : LineLengthMax)]}…" };
        }

        // A line feed counts, so that empty lines have a bound, too.
        var bytes = Encoding.UTF8.GetByteCount(line.Text) + 1;
        _lines.Enqueue((line, bytes));
        _bytes += bytes;
        while (_bytes > BytesMax)
        {
            _bytes -= _lines.Dequeue().Bytes;
        }
    }
}

/// <summary>What the replicas of a run write, read from its cluster.</summary>
internal sealed class RunLines(IClusterApi clusters, TimeProvider clock)
{
    /// <summary>Of each attempt.</summary>
    public const int TailMax = 5000;

    /// <summary>A cluster that does not answer keeps a run from its end no longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The last lines of all attempts. What is not there any more, or cannot be read until <see cref="Patience"/> after <paramref name="ended"/>, is
    /// left out, and a line says so.
    /// </summary>
    public async Task<Outcome<RunLine[]>> Collect(JobRun run, DateTimeOffset ended, CancellationToken cancellation)
    {
        var kept = new KeptLines();
        using var timeout = new CancellationTokenSource(ReadTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        foreach (var (at, attempt) in run.Seen.Index())
        {
            var fault = await Read(run, attempt, at + 1, kept, stop.Token, cancellation);
            if (fault is null)
            {
                continue;
            }

            if (fault.Kind is FaultKind.Unavailable or FaultKind.Throttled && clock.GetUtcNow() - ended < Patience)
            {
                return fault;
            }

            kept.Add(new(clock.GetUtcNow(), at + 1, $"(The lines of attempt {at + 1} could not be read: {fault.Message})"));
        }

        return kept.All;
    }

    /// <summary>The lines of one attempt, with new ones as they come when it is followed.</summary>
    public async Task<Outcome<ReplicaLog>> Open(JobRun run, SeenAttempt attempt, int tail, bool follow, CancellationToken cancellation) =>
        await clusters.Logs(ClusterName.Parse(run.Cluster), attempt.Name, tail, follow, cancellation);

    private async Task<Fault?> Read(
        JobRun run, SeenAttempt attempt, int number, KeptLines kept, CancellationToken stop, CancellationToken cancellation)
    {
        if (attempt.Stage == ReplicaStage.Pending)
        {
            return null;
        }

        try
        {
            var log = await Open(run, attempt, TailMax, follow: false, stop);
            if (!log.IsOk)
            {
                return log.Fault;
            }

            await foreach (var line in log.Value.Lines.WithCancellation(stop))
            {
                kept.Add(new(line.At, number, line.Text));
            }

            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable($"They did not come within {ReadTimeout.TotalSeconds} s.");
        }
    }
}
