using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests;

public sealed class MetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Meter _meter = new("Fury.MetricsTests");
    private readonly Meters _meters;

    public MetricsTests() => _meters = new(_services.GetRequiredService<IMeterFactory>());

    [Fact]
    public void Every_kind_of_instrument_has_its_text()
    {
        var counter = _meter.CreateCounter<long>("kinds.requests", description: "How many.\nReally.");
        counter.Add(2, new KeyValuePair<string, object?>("pool", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("pool", "a\"b\\c\nd"));
        _meter.CreateUpDownCounter<int>("kinds.active").Add(-1);
        _meter.CreateGauge<double>("kinds.load", "%").Record(12.5);
        _meter.CreateObservableGauge("kinds.memory", () => 10L, "By");
        _meter.CreateObservableCounter("kinds.work", () => 7d, "s");
        var histogram = _meter.CreateHistogram("kinds.latency", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(5);

        var lines = Lines();

        Assert.Equal(
            """
            # TYPE kinds_active gauge
            kinds_active -1
            # TYPE kinds_latency_seconds histogram
            kinds_latency_seconds_bucket{le="0.1"} 1
            kinds_latency_seconds_bucket{le="1"} 2
            kinds_latency_seconds_bucket{le="+Inf"} 3
            kinds_latency_seconds_sum 5.6
            kinds_latency_seconds_count 3
            # TYPE kinds_load_percent gauge
            kinds_load_percent 12.5
            # TYPE kinds_memory_bytes gauge
            kinds_memory_bytes 10
            # HELP kinds_requests_total How many.\nReally.
            # TYPE kinds_requests_total counter
            kinds_requests_total{pool="a\"b\\c\nd"} 5
            # TYPE kinds_work_seconds_total counter
            kinds_work_seconds_total 7
            """,
            string.Join('\n', lines.Where(line => line.Contains("kinds_", StringComparison.Ordinal))));
    }

    [Fact]
    public void Tags_without_end_become_one_series()
    {
        var counter = _meter.CreateCounter<long>("endless");
        for (var index = 0; index < Metric.SeriesMax + 100; index++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", index));
        }

        var lines = Lines().Where(line => line.StartsWith("endless_total{", StringComparison.Ordinal)).ToList();

        Assert.Equal(Metric.SeriesMax + 1, lines.Count);
        Assert.Contains("endless_total{otel_metric_overflow=\"true\"} 100", lines);
    }

    [Fact]
    public void What_an_observable_instrument_no_longer_tells_of_is_gone()
    {
        var pools = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("pools", () => pools.Select(pool => new Measurement<int>(1, new KeyValuePair<string, object?>("pool", pool))));
        Assert.Contains("pools{pool=\"a\"} 1", Lines());

        pools.Remove("a");

        Assert.DoesNotContain("pools{pool=\"a\"} 1", Lines());
        Assert.Contains("pools{pool=\"b\"} 1", Lines());
    }

    [Fact]
    public void Only_Furys_meters_and_the_known_ones_of_dotnet_are_heard()
    {
        using var foreign = new Meter("Somebody.Else");
        foreign.CreateCounter<long>("foreign").Add(1);
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("Microsoft.AspNetCore.Hosting").CreateCounter<long>("another.server").Add(1);
        _services.GetRequiredService<IMeterFactory>().Create("Microsoft.AspNetCore.Hosting").CreateCounter<long>("own.server").Add(1);

        var lines = Lines();

        Assert.DoesNotContain(lines, line => line.Contains("foreign", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("another_server", StringComparison.Ordinal));
        Assert.Contains("own_server_total 1", lines);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _meter.Dispose();
        _services.Dispose();
    }

    private string[] Lines() => _meters.Text().Split('\n');
}
