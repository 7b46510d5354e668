using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Fury.LittleMonster.Tests.Operations;

/// <summary>What Little Monster's meters tell from here on: sums of what is counted, and the last of what is gauged.</summary>
internal sealed class Heard : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new();

    public Heard()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.Name)
            {
                Instruments.Add(instrument.Name);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentBag<string> Instruments { get; } = [];

    /// <summary>Of a counter the sum, of a gauge what it shows now, of a histogram how many were recorded; 0 when nothing was told.</summary>
    /// <param name="series">E.g. <c>lm.sagas.live state=stuck</c>: those tags in alphabetical order.</param>
    public double this[string series]
    {
        get
        {
            foreach (var gauge in _values.Keys.Where(key => key.StartsWith('~')))
            {
                _values.TryRemove(gauge, out _);
            }

            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(series, _values.GetValueOrDefault($"~{series}"));
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var words = tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $" {tag.Key}={tag.Value}");
        var series = $"{instrument.Name}{string.Concat(words)}";
        if (instrument.IsObservable)
        {
            _values[$"~{series}"] = value;
        }
        else
        {
            var add = instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>) ? 1 : value;
            _values.AddOrUpdate(series, add, (_, sum) => sum + add);
        }
    }
}
