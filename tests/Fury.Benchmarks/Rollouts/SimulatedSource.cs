using System.Collections.Concurrent;
using Fury.Deployments.Contracts;
using Fury.Deployments.Sources;
using Fury.Deployments.Tests.Judging;
using Fury.Kernel;

namespace Fury.Benchmarks.Rollouts;

/// <summary>Two ratios and a gauge of every pool, as good for candidates as for others; counters grow as time goes by.</summary>
internal sealed class SimulatedSource : IMetricSource
{
    private const double AMinute = 600;
    private const double BadShare = 0.002;

    private readonly ConcurrentDictionary<(string Query, PoolId Pool), Counter> _counters = [];

    public static IReadOnlyList<MetricRequest> Metrics { get; } =
    [
        new("payments", "bench", "ratio", Bad: "payments_bad{$pools}", All: "payments_all{$pools}"),
        new("orders", "bench", "ratio", Bad: "orders_bad{$pools}", All: "orders_all{$pools}"),
        new("queue", "bench", "value", Value: "queue{$pools}"),
    ];

    public static (SourceOptions Options, IMetricSource Source) New() =>
        (new("bench", SourceKind.Prometheus, new("http://127.0.0.1:1")), new SimulatedSource());

    public string Name => "bench";

    public bool IsCumulative => true;

    public Task<Outcome<IReadOnlyList<Point>>> Read(
        string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation) =>
        Task.FromResult<Outcome<IReadOnlyList<Point>>>(pools.Select(pool => new Point(pool, "", at, Of(query, pool, at))).ToArray());

    private double Of(string query, PoolId pool, DateTimeOffset at)
    {
        if (query.StartsWith("queue", StringComparison.Ordinal))
        {
            return 100 + (pool.GetHashCode() % 40);
        }

        var counter = _counters.GetOrAdd((query, pool), one => new(at, one.Pool.GetHashCode()));
        return counter.Until(at, query.Contains("bad", StringComparison.Ordinal) ? AMinute * BadShare : AMinute);
    }

    private sealed class Counter(DateTimeOffset begun, int seed)
    {
        private readonly Random _random = new(seed);
        private DateTimeOffset _at = begun;
        private double _value;

        public double Until(DateTimeOffset at, double aMinute)
        {
            lock (this)
            {
                _value += SimulatedTraffic.Poisson(_random, aMinute * (at - _at).TotalMinutes);
                _at = at;
                return _value;
            }
        }
    }
}
