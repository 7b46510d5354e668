using Fury.Deployments.Contracts;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Sources;

/// <summary>The sources of this host. To be asked by one thread at a time.</summary>
internal sealed class MetricSources : IDisposable
{
    private readonly Dictionary<string, SourceReader> _readers = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<(SourceOptions Options, IMetricSource Source)> _sources;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    public MetricSources(IReadOnlyList<(SourceOptions Options, IMetricSource Source)> sources, TimeProvider clock, ILogger<MetricSources> log)
    {
        (_sources, _clock, _log) = (sources, clock, log);
        Kinds = sources.ToDictionary(one => one.Options.Name, one => one.Options.Kind);
        foreach (var name in Kinds.Keys)
        {
            _readers[name] = NewReader(name);
        }
    }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, SourceKind> Kinds { get; }

    /// <summary>Ends with this.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The rounds that are under way.</summary>
    public Task Rounds => Task.WhenAll(_readers.Values.Select(reader => reader.Round));

    public static MetricSources Of(IEnumerable<SourceOptions> options, TimeProvider clock, ILogger<MetricSources> log) => new(
        [
            .. options.Select(one => (one, one.Kind == SourceKind.Prometheus
                ? new Prometheus(one, new(one, clock))
                : (IMetricSource)new Datadog(one, new(one, clock)))),
        ],
        clock,
        log);

    /// <summary>For who asks a source for things of his own, at times of his own.</summary>
    public SourceReader NewReader(string name)
    {
        var (options, source) = _sources.First(one => one.Options.Name == name);
        return new(source, options.Period, _clock, _log);
    }

    /// <summary>Has those asked whose turn it is, and does not wait for them. A source that this host does not know is not asked.</summary>
    public void Ask(IEnumerable<(MetricPolicy Metric, PoolId Pool)> wanted)
    {
        if (!_readers.Values.Any(reader => reader.IsDue))
        {
            return;
        }

        var bySource = wanted.ToLookup(one => one.Metric.Source);
        foreach (var (name, reader) in _readers)
        {
            reader.Ask([.. bySource[name].SelectMany(one => Sightings.QueriesOf(one.Metric).Select(query => (query.Text, one.Pool)))], _stopping.Token);
        }
    }

    /// <summary>What they have said up to now.</summary>
    public Sightings See() => new(_readers.ToDictionary(reader => reader.Key, reader => (reader.Value.IsCumulative, reader.Value.Answers)));

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var source in _sources.Select(one => one.Source).OfType<IDisposable>())
        {
            source.Dispose();
        }

        _stopping.Dispose();
    }
}
