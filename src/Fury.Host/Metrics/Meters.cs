using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Fury.Host;

/// <summary>Listens to the meters of Fury, of .NET and of Kestrel, and keeps their numbers for <c>/metrics</c>.</summary>
internal sealed class Meters : IDisposable
{
    public const int MetricsMax = 1000;

    /// <summary>Whose numbers are told beside those of Fury.</summary>
    public static readonly string[] Foreign =
        ["System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics", "Npgsql"];

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] Others = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

    private readonly ConcurrentDictionary<string, Metric> _metrics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Metric> _observable = new(StringComparer.Ordinal);
    private readonly Lock _reading = new();
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _own;

    /// <param name="own">Meters that a factory made count only when it is this one: a web server inside a module has another.</param>
    public Meters(IMeterFactory own)
    {
        _own = own;
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, metric) => Record(value, tags, metric));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, metric) => Record((double)value, tags, metric));
        _listener.Start();
    }

    /// <summary>Every metric as it is now, in the order of names.</summary>
    public string Text()
    {
        lock (_reading)
        {
            foreach (var metric in _observable.Values)
            {
                metric.Forget();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_metrics.Values);
        }
    }

    /// <summary>How an instrument is called in <see cref="Text"/>.</summary>
    public static string NameOf(Instrument instrument) => PrometheusText.NameOf(instrument.Name, instrument.Unit, KindOf(instrument) ?? MetricKind.Gauge);

    public void Dispose() => _listener.Dispose();

    private void Published(Instrument instrument, MeterListener listener)
    {
        var meter = instrument.Meter;
        var wanted = meter.Name.StartsWith("Fury.", StringComparison.Ordinal) || Foreign.Contains(meter.Name);
        if (!wanted || (meter.Scope is IMeterFactory factory && factory != _own) || KindOf(instrument) is not { } kind || _metrics.Count >= MetricsMax)
        {
            return;
        }

        var name = PrometheusText.NameOf(instrument.Name, instrument.Unit, kind);
        var metric = _metrics.GetOrAdd(name, _ => new Metric(name, instrument.Description, kind, Bounds(instrument, kind)));
        if (metric.Kind != kind)
        {
            return;
        }

        if (instrument.IsObservable)
        {
            _observable[name] = metric;
        }

        listener.EnableMeasurementEvents(instrument, metric);
    }

    private static void Record(double value, ReadOnlySpan<Tag> tags, object? metric) => ((Metric)metric!).Record(value, tags);

    private static MetricKind? KindOf(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition() switch
    {
        var type when type == typeof(Counter<>) => MetricKind.Counter,
        var type when type == typeof(UpDownCounter<>) => MetricKind.UpDown,
        var type when type == typeof(Gauge<>) => MetricKind.Gauge,
        var type when type == typeof(Histogram<>) => MetricKind.Histogram,
        var type when type == typeof(ObservableCounter<>) => MetricKind.Total,
        var type when type == typeof(ObservableUpDownCounter<>) || type == typeof(ObservableGauge<>) => MetricKind.Gauge,
        _ => null,
    };

    private static IReadOnlyList<double> Bounds(Instrument instrument, MetricKind kind)
    {
        if (kind != MetricKind.Histogram)
        {
            return [];
        }

        var advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
            _ => null,
        };
        return advised ?? (instrument.Unit == "s" ? Seconds : Others);
    }
}
