namespace Fury.Cli.Load;

/// <summary>How one request ended.</summary>
/// <param name="Status">0 when there was no complete answer.</param>
/// <param name="Reason">Why it failed; null when it did not.</param>
internal readonly record struct LoadAnswer(int Status, string? Version, bool ByProxy, string? Reason);

/// <summary>Counts answers as they come; may be read meanwhile.</summary>
internal sealed class LoadTally
{
    /// <summary>Failures beyond it are counted, but not kept one by one.</summary>
    public const int FailuresKeptMax = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Status, string? Version, bool ByProxy, bool Failed), long> _answers = [];
    private readonly Dictionary<string, VersionSeen> _versions = [];
    private readonly List<LoadFailure> _failures = [];
    private readonly Histogram _latencies = new();
    private TimeSpan _startDelayMax;

    public void Add(LoadAnswer answer, DateTimeOffset sentAt, DateTimeOffset endedAt, TimeSpan latency)
    {
        lock (_lock)
        {
            var kind = (answer.Status, answer.Version, answer.ByProxy, answer.Reason is not null);
            _answers[kind] = _answers.GetValueOrDefault(kind) + 1;
            if (answer.Status > 0)
            {
                _latencies.Add(latency);
            }

            if (answer.Version is { } version && !answer.ByProxy)
            {
                var seen = _versions.GetValueOrDefault(version) ?? new VersionSeen(version, 0, sentAt, sentAt, endedAt);
                _versions[version] = seen with
                {
                    Requests = seen.Requests + 1,
                    FirstSentAt = Min(seen.FirstSentAt, sentAt),
                    LastSentAt = Max(seen.LastSentAt, sentAt),
                    LastEndedAt = Max(seen.LastEndedAt, endedAt),
                };
            }

            if (answer.Reason is not null && _failures.Count < FailuresKeptMax)
            {
                _failures.Add(new LoadFailure(sentAt, endedAt, answer.Status, answer.Version, answer.ByProxy, answer.Reason));
            }
        }
    }

    public void StartedLate(TimeSpan delay)
    {
        lock (_lock)
        {
            _startDelayMax = delay > _startDelayMax ? delay : _startDelayMax;
        }
    }

    public LoadReport Report(DateTimeOffset startedAt, DateTimeOffset now)
    {
        lock (_lock)
        {
            return new LoadReport(
                startedAt,
                now,
                [.. _answers.Select(one => new AnswerCount(one.Key.Status, one.Key.Version, one.Key.ByProxy, one.Key.Failed, one.Value))],
                [.. _versions.Values.OrderBy(version => version.FirstSentAt)],
                [.. _failures],
                _latencies.Copy(),
                _startDelayMax);
        }
    }

    private static DateTimeOffset Min(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
