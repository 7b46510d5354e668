using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Against a real Prometheus, which scrapes a real application.</summary>
public sealed class PrometheusTests(PrometheusTests.Running running) : MetricSourceContract, IClassFixture<PrometheusTests.Running>
{
    private static readonly SourceOptions Options = new("prom", SourceKind.Prometheus, new("http://localhost"));

    private protected override IMetricSource Source => running.Source;

    private protected override (string Bad, string All, string Unlabelled, string Nonsense) Queries => (
        "payments_failed_total{fury_pool=~\"$pools\"}",
        "payments_total{fury_pool=~\"$pools\"}",
        "sum(payments_total{fury_pool=~\"$pools\"})",
        "sum by (payments_total{fury_pool=~\"$pools\"}");

    [Fact]
    public async Task A_query_whose_result_is_a_number_or_a_text_is_refused_with_what_would_be_right()
    {
        foreach (var (query, type) in new[] { ("scalar(vector(1)) # $pools", "scalar"), ("\"$pools\"", "string"), ("up[1m] # $pools", "matrix") })
        {
            var fault = (await Source.Read(query, [PoolId.New(TimeProvider.System)], Now(), default)).Fault!;

            Assert.Equal(
                (FaultKind.Invalid, $"Source prom answers with a {type}: right would be a vector, whose series have the label fury_pool."),
                (fault.Kind, fault.Message));
        }
    }

    [Fact]
    public async Task The_queries_of_the_page_are_understood()
    {
        var queries = MetricsPageTests.Metrics.Where(metric => metric.Source == "prom").SelectMany(Sightings.QueriesOf).ToList();

        Assert.Equal(3, queries.Count);
        foreach (var (_, text) in queries)
        {
            Assert.Empty(await Read(text, PoolId.New(TimeProvider.System)));
        }
    }

    [Fact]
    public async Task Replicas_of_a_pool_are_series_of_their_own_and_no_number_is_told_as_such()
    {
        var pool = PoolId.New(TimeProvider.System);
        running.Exporter.Set($"queue{{fury_pool=\"{pool}\",replica=\"a\"}}", 3);
        running.Exporter.Set($"queue{{fury_pool=\"{pool}\",replica=\"b\"}}", 4);
        IReadOnlyList<Point> points = [];
        await Eventually.True(async () => (points = await Read("queue{fury_pool=~\"$pools\"}", pool)).Count == 2, because: "both replicas are told");

        Assert.Equal(2, points.Select(point => point.Series).Distinct().Count());
        Assert.Equal(7, Assert.Single(await Read("sum by (fury_pool) (queue{fury_pool=~\"$pools\"})", pool)).Value);
        Assert.True(double.IsNaN(Assert.Single(await Read("0 * max by (fury_pool) (queue{fury_pool=~\"$pools\"}) / 0", pool)).Value));
    }

    private protected override void Count(PoolId pool, double bad, double all) => running.Count(pool, bad, all);

    private protected override DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    public sealed class Running : IAsyncLifetime
    {
        private readonly Dictionary<PoolId, (double Bad, double All)> _counts = [];
        private PrometheusProcess? _prometheus;

        internal Exporter Exporter { get; private set; } = null!;

        internal Prometheus Source { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Exporter = await Exporter.Start();
            _prometheus = await PrometheusProcess.Start(Exporter);
            var options = Options with { Url = _prometheus.Url };
            Source = new Prometheus(options, new(options, TimeProvider.System));
        }

        public async Task DisposeAsync()
        {
            Source.Dispose();
            await _prometheus!.DisposeAsync();
            await Exporter.DisposeAsync();
        }

        internal void Count(PoolId pool, double bad, double all)
        {
            var (badBefore, allBefore) = _counts.GetValueOrDefault(pool);
            _counts[pool] = (badBefore + bad, allBefore + all);
            // The events before what they are some of, as one scrape may come between.
            Exporter.Set($"payments_total{{fury_pool=\"{pool}\"}}", allBefore + all);
            Exporter.Set($"payments_failed_total{{fury_pool=\"{pool}\"}}", badBefore + bad);
        }
    }
}
