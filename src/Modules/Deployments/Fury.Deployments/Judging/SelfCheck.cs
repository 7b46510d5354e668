namespace Fury.Deployments.Judging;

internal enum SeriesProblem
{
    /// <summary>The candidate's series is the current's: its query does not tell them apart.</summary>
    Same,

    /// <summary>The current's series has never had data.</summary>
    Empty,
}

internal sealed record SeriesFault(string Metric, string Lane, SeriesProblem Problem);

/// <summary>
/// Whether the series of the configured metrics are what they say, to be asked before the candidate gets weight. Those of the data plane are counted by
/// pool and need no check.
/// </summary>
internal static class SelfCheck
{
    /// <summary>So many ticks in a row the same, each time with something new: by then it is no chance.</summary>
    public const int SameTicks = 3;

    /// <summary>Every fault that was seen so far, in the order of the metrics; a lane without a current pool has none.</summary>
    public static IEnumerable<SeriesFault> Of(Judgement judgement) =>
        from lane in judgement.Lanes
        from count in lane.Counts
        let problem = count.Series is not { } series ? (SeriesProblem?)null
            : series.Same >= SameTicks ? SeriesProblem.Same
            : lane.Health.CurrentReplicas > 0 && !series.CurrentSpoke ? SeriesProblem.Empty
            : null
        where problem is not null
        select new SeriesFault(count.Metric, lane.Name, problem.Value);
}
