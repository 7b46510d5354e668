namespace Fury.Cli.Load;

/// <summary>A request that got no complete answer, a 5xx, or an answer that the proxy made up for want of one.</summary>
/// <param name="Status">0 when there was no answer.</param>
/// <param name="Version">Header <c>x-version</c> of the answer.</param>
/// <param name="ByProxy">The answer has the header <c>x-fury-proxy-error</c>: no replica gave it.</param>
internal sealed record LoadFailure(DateTimeOffset SentAt, DateTimeOffset EndedAt, int Status, string? Version, bool ByProxy, string Reason)
{
    /// <summary>A replica of this version answered, badly: it is the version's failure and not the platform's.</summary>
    public bool AnsweredBy(string version) => Status > 0 && !ByProxy && Version == version;
}

/// <summary>The answers of one version, good and bad.</summary>
/// <param name="LastSentAt">When the latest request was sent that this version answered.</param>
internal sealed record VersionSeen(
    string Version, long Requests, DateTimeOffset FirstSentAt, DateTimeOffset LastSentAt, DateTimeOffset LastEndedAt);

/// <summary>Answers of one kind.</summary>
internal sealed record AnswerCount(int Status, string? Version, bool ByProxy, bool Failed, long Count)
{
    /// <summary>Replicas of this version gave it, well or badly.</summary>
    public bool AnsweredBy(string version) => Status > 0 && !ByProxy && Version == version;
}

/// <summary>What the load generator has seen.</summary>
/// <param name="Failures">In the order of their end; the first <see cref="LoadTally.FailuresKeptMax"/>.</param>
/// <param name="Latencies">Of all requests that were answered. In the open loop, from the scheduled time.</param>
/// <param name="StartDelayMax">How far behind the schedule a request was sent at most; many ms tell of too few connections or CPU.</param>
internal sealed record LoadReport(
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    IReadOnlyList<AnswerCount> Answers,
    IReadOnlyList<VersionSeen> Versions,
    IReadOnlyList<LoadFailure> Failures,
    Histogram Latencies,
    TimeSpan StartDelayMax)
{
    public long Requests => Answers.Sum(answer => answer.Count);

    public long Failed => Answers.Where(answer => answer.Failed).Sum(answer => answer.Count);

    public double RequestsPerSecond => Requests / Math.Max(0.001, (EndedAt - StartedAt).TotalSeconds);

    /// <summary>Requests answered by each version; those without a version are not in it.</summary>
    public IReadOnlyDictionary<string, long> ByVersion => Versions.ToDictionary(version => version.Version, version => version.Requests);

    /// <summary>Requests by HTTP status; 0 stands for no answer.</summary>
    public IReadOnlyDictionary<int, long> ByStatus => Answers
        .GroupBy(answer => answer.Status)
        .OrderBy(group => group.Key)
        .ToDictionary(group => group.Key, group => group.Sum(answer => answer.Count));

    /// <summary>Failed requests but for what replicas of the bad <paramref name="candidate"/> itself answered.</summary>
    public long FailedNotBy(string candidate) =>
        Answers.Where(answer => answer.Failed && !answer.AnsweredBy(candidate)).Sum(answer => answer.Count);

    /// <summary>Failures of requests that were under way at some time between the two.</summary>
    public IReadOnlyList<LoadFailure> FailuresBetween(DateTimeOffset from, DateTimeOffset to) => Failed > Failures.Count
        ? throw new InvalidOperationException($"Only the first {Failures.Count} of {Failed} failures were kept.")
        : [.. Failures.Where(failure => failure.EndedAt >= from && failure.SentAt <= to)];
}
