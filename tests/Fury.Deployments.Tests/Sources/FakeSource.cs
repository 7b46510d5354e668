using System.Collections.Concurrent;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Deployments.Tests.Sources;

/// <summary>A source in memory. A query is the name of a counter and the pools: <c>failed of $pools</c>.</summary>
internal sealed class FakeSource : IMetricSource
{
    private readonly ConcurrentDictionary<(string Query, PoolId Pool), Func<DateTimeOffset, double>> _said = new();
    private readonly ConcurrentQueue<(string Query, int Pools, DateTimeOffset At)> _requests = new();

    public string Name => "shop";

    public bool IsCumulative => true;

    /// <summary>It answers this and nothing else; null: what it was told.</summary>
    public Fault? Broken { get; set; }

    /// <summary>It answers when this is complete.</summary>
    public Task Slow { get; set; } = Task.CompletedTask;

    /// <summary>All that it was asked.</summary>
    public IReadOnlyCollection<(string Query, int Pools, DateTimeOffset At)> Requests => _requests;

    public void Say(string query, PoolId pool, double value) => Say(query, pool, _ => value);

    /// <param name="value">At the time that it is asked for.</param>
    public void Say(string query, PoolId pool, Func<DateTimeOffset, double> value) => _said[(query, pool)] = value;

    public async Task<Outcome<IReadOnlyList<Point>>> Read(
        string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation)
    {
        _requests.Enqueue((query, pools.Count, at));
        await Slow.WaitAsync(cancellation);
        return Broken is { } fault ? fault
            : (Point[])[.. from pool in pools
                           where _said.ContainsKey((query, pool))
                           select new Point(pool, "", at, _said[(query, pool)](at))];
    }

    public MetricSources AsOnly(TimeProvider clock, TimeSpan? period = null, ILogger<MetricSources>? log = null) => new(
        [(new SourceOptions(Name, SourceKind.Prometheus, new("http://localhost")) with { Period = period ?? TimeSpan.FromSeconds(15) }, this)],
        clock,
        log ?? NullLogger<MetricSources>.Instance);
}
