using System.Collections.Concurrent;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Fury.Host;

/// <summary>How a measurement changes its series.</summary>
internal enum MetricKind
{
    /// <summary>Measurements are added; the value only grows.</summary>
    Counter,

    /// <summary>Measurements are added.</summary>
    UpDown,

    /// <summary>The last measurement is the value.</summary>
    Gauge,

    /// <summary>The last measurement is the value, which only grows.</summary>
    Total,

    /// <summary>Measurements are counted in buckets.</summary>
    Histogram,
}

/// <summary>What was measured under one name, with one series for each set of tags.</summary>
/// <param name="Bounds">Upper bounds of a histogram's buckets, ascending; empty for every other kind.</param>
internal sealed record Metric(string Name, string? Help, MetricKind Kind, IReadOnlyList<double> Bounds)
{
    /// <summary>Measurements of further sets of tags go to one series that says so.</summary>
    public const int SeriesMax = 500;

    private static readonly Tag[] OverflowTags = [new("otel_metric_overflow", "true")];

    private readonly ConcurrentDictionary<Tag[], Series> _series = new(TagSet.Comparer);

    public IEnumerable<KeyValuePair<Tag[], Series>> Series => _series;

    public void Record(double value, ReadOnlySpan<Tag> tags)
    {
        var lookup = _series.GetAlternateLookup<ReadOnlySpan<Tag>>();
        if (!lookup.TryGetValue(tags, out var series))
        {
            var key = _series.Count < SeriesMax ? tags.ToArray() : OverflowTags;
            series = _series.GetOrAdd(key, _ => new Series(Bounds.Count));
        }

        series.Record(value, this);
    }

    /// <summary>Before observable instruments are read: what they no longer tell of is gone.</summary>
    public void Forget() => _series.Clear();
}

/// <summary>The numbers of one set of tags.</summary>
internal sealed class Series(int bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[bounds + 1];
    private double _value;

    public void Record(double value, Metric metric)
    {
        lock (_gate)
        {
            switch (metric.Kind)
            {
                case MetricKind.Gauge or MetricKind.Total:
                    _value = value;
                    break;
                case MetricKind.Histogram:
                    _value += value;
                    _buckets[Bucket(value, metric.Bounds)]++;
                    break;
                default:
                    _value += value;
                    break;
            }
        }
    }

    /// <summary>The value, or a histogram's sum, and how many measurements fell into each bucket.</summary>
    public (double Value, long[] Buckets) Read()
    {
        lock (_gate)
        {
            return (_value, [.. _buckets]);
        }
    }

    private static int Bucket(double value, IReadOnlyList<double> bounds)
    {
        var index = 0;
        while (index < bounds.Count && value > bounds[index])
        {
            index++;
        }

        return index;
    }
}
