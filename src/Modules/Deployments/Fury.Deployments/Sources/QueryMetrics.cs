using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>What queries say of pools, for engines to scale by. Nobody waits for a source: what it last said is told while it is fresh.</summary>
internal sealed class QueryMetrics : IPoolMetrics
{
    /// <summary>What is older is not known any more: a few rounds of a source, and less than what it is left alone for at most while it is dark.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(50);

    /// <summary>What is more is no measurement.</summary>
    private const double ValueMax = 1e15;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Query, SourceReader Reader)> _queries;
    private readonly MetricSources _sources;
    private readonly TimeProvider _clock;

    public QueryMetrics(IReadOnlyList<QueryOptions> queries, MetricSources sources, TimeProvider clock)
    {
        (_sources, _clock) = (sources, clock);
        _queries = queries.ToDictionary(one => one.Name, one => (one.Query, sources.NewReader(one.Source)), StringComparer.Ordinal);
    }

    /// <summary>The rounds that are under way.</summary>
    public Task Rounds => Task.WhenAll(_queries.Values.Select(query => query.Reader.Round));

    public bool Tells(string metric) => _queries.ContainsKey(metric);

    public Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        var (query, reader) = _queries[metric];
        lock (_gate)
        {
            reader.Ask([.. pools.Select(pool => (query, pool))], _sources.Stopping);
        }

        var (answers, since) = (reader.Answers, _clock.GetUtcNow() - Fresh);
        var values = new Dictionary<PoolId, double>();
        foreach (var pool in pools)
        {
            if (answers.TryGetValue((query, pool), out var answer) && answer.At >= since && ValueOf(answer) is { } value)
            {
                values[pool] = value;
            }
        }

        return Task.FromResult<IReadOnlyDictionary<PoolId, double>>(values);
    }

    /// <summary>The sum of the newest point of each series; null where a source says nothing, or no number.</summary>
    private static double? ValueOf(Answer answer)
    {
        var sum = answer.Points.GroupBy(point => point.Series).Sum(series => series.MaxBy(point => point.At)!.Value);
        return answer is { Fault: null, Points.Count: > 0 } && Math.Abs(sum) < ValueMax ? sum : null;
    }
}
