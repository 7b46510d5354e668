using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>What a source has said of a pool.</summary>
/// <param name="Series">Tells several series of one pool apart, e.g. those of its replicas; empty where there is one.</param>
/// <param name="At">The source's own time of it.</param>
/// <param name="Value">Of a counter, see <see cref="IMetricSource.IsCumulative"/>. May be no number, as the source may say so.</param>
internal sealed record Point(PoolId Pool, string Series, DateTimeOffset At, double Value);

/// <summary>Where metrics of applications are kept. It is asked for many pools at once, and tells them apart by a label.</summary>
internal interface IMetricSource
{
    /// <summary>In whose place in a query come the pools that are asked for.</summary>
    const string Pools = "$pools";

    string Name { get; }

    /// <summary>A counter's points are what was counted since it began, and not what was counted since the point before.</summary>
    bool IsCumulative { get; }

    /// <summary>
    /// What a query says of pools at a time: the newest point of each series, or its last few. A pool of which it says nothing has none.
    /// <see cref="FaultKind.Unavailable"/>: the source is dark, whatever is asked. <see cref="FaultKind.Invalid"/>: the query is wrong, or its result is. Both
    /// in one sentence that names the source and what would be right, without secrets.
    /// </summary>
    /// <param name="query">With <see cref="Pools"/>.</param>
    Task<Outcome<IReadOnlyList<Point>>> Read(string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation);
}
