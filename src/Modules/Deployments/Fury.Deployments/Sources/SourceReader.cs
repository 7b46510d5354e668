using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Sources;

/// <summary>What a source has last said of a query and a pool.</summary>
/// <param name="At">For when it was asked.</param>
/// <param name="Fault">Why it says nothing, as <see cref="IMetricSource.Read"/> has it.</param>
internal sealed record Answer(DateTimeOffset At, IReadOnlyList<Point> Points, Fault? Fault);

/// <summary>
/// Asks one source, in the background: for each multiple of its period once at most, in one round that begins when the last has ended, each query for many
/// pools at a time. While it is dark it is asked less and less often.
/// </summary>
internal sealed partial class SourceReader(IMetricSource source, TimeSpan period, TimeProvider clock, ILogger log)
{
    public const int PoolsPerRequestMax = 200;
    public const int RequestsAtOnceMax = 4;

    /// <summary>A round in which so many requests have found it dark, and none has not, is given up.</summary>
    private const int DarkMax = 3;

    /// <summary>While it is dark it is asked at least so often.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(60);

    private IReadOnlyDictionary<(string Query, PoolId Pool), Answer> _answers = new Dictionary<(string, PoolId), Answer>();
    private DateTimeOffset _askedFor;
    private DateTimeOffset _pausedUntil;
    private TimeSpan _pause;

    public bool IsCumulative => source.IsCumulative;

    /// <summary>Of the last round that has ended.</summary>
    public IReadOnlyDictionary<(string Query, PoolId Pool), Answer> Answers => Volatile.Read(ref _answers);

    /// <summary>The round that is under way, or was last.</summary>
    public Task Round { get; private set; } = Task.CompletedTask;

    /// <summary>Its turn has come.</summary>
    public bool IsDue => Round.IsCompleted && clock.GetUtcNow() is var now && now >= _pausedUntil && Slot(now) > _askedFor;

    /// <summary>Begins a round if it is due, and does not wait for the end of it. To be called by one thread at a time.</summary>
    public void Ask(IReadOnlyCollection<(string Query, PoolId Pool)> wanted, CancellationToken cancellation)
    {
        if (!IsDue || wanted.Count == 0)
        {
            return;
        }

        var at = _askedFor = Slot(clock.GetUtcNow());
        // It outlives the pass, and must not log or trace in its name.
        using (ExecutionContext.SuppressFlow())
        {
            Round = Task.Run(() => Read(wanted, at, cancellation), CancellationToken.None);
        }
    }

    private DateTimeOffset Slot(DateTimeOffset now) => new(now.UtcTicks / period.Ticks * period.Ticks, TimeSpan.Zero);

    private async Task Read(IReadOnlyCollection<(string Query, PoolId Pool)> wanted, DateTimeOffset at, CancellationToken cancellation)
    {
        var requests = wanted.Distinct()
            .GroupBy(one => one.Query, one => one.Pool)
            .SelectMany(query => query.Chunk(PoolsPerRequestMax).Select(pools => (Query: query.Key, Pools: pools)))
            .ToList();
        var (gate, answers) = (new Lock(), new Dictionary<(string, PoolId), Answer>());
        var (lit, dark, last) = (0, 0, (Fault?)null);
        var options = new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnceMax, CancellationToken = cancellation };
        try
        {
            await Parallel.ForEachAsync(requests, options, async (request, stop) =>
            {
                var isGivenUp = Volatile.Read(ref lit) == 0 && Volatile.Read(ref dark) >= DarkMax;
                var read = isGivenUp ? last! : await Read(request.Query, request.Pools, at, stop);
                lock (gate)
                {
                    if (read.Fault is { Kind: FaultKind.Unavailable } fault)
                    {
                        (dark, last) = (dark + 1, fault);
                    }
                    else
                    {
                        lit++;
                    }

                    var said = read.IsOk ? read.Value.ToLookup(point => point.Pool) : null;
                    foreach (var pool in request.Pools)
                    {
                        answers[(request.Query, pool)] = new(at, said is null ? [] : [.. said[pool]], read.Fault);
                    }
                }
            });
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Pause(lit == 0, last);
        Volatile.Write(ref _answers, answers);
    }

    private async Task<Outcome<IReadOnlyList<Point>>> Read(
        string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation)
    {
        Outcome<IReadOnlyList<Point>> read;
        try
        {
            read = await source.Read(query, pools, at, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            // Whatever a stranger answers, it is asked again.
            read = Fault.Unavailable($"Source {source.Name} is dark: its answer can't be read ({failure.GetType().Name}).");
        }

        SourceMetrics.Asked(source.Name, read.Fault);
        return read;
    }

    private void Pause(bool isDark, Fault? why)
    {
        if (isDark && _pause == TimeSpan.Zero)
        {
            WentDark(log, source.Name, why!.Message);
        }
        else if (!isDark && _pause > TimeSpan.Zero)
        {
            AnswersAgain(log, source.Name);
        }

        _pause = !isDark ? TimeSpan.Zero
            : _pause == TimeSpan.Zero ? period
            : _pause * 2 < PauseMax ? _pause * 2
            : PauseMax;
        _pausedUntil = clock.GetUtcNow() + _pause;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metrics of {Source} are missing. {Why}")]
    private static partial void WentDark(ILogger log, string source, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Source {Source} answers again.")]
    private static partial void AnswersAgain(ILogger log, string source);
}
