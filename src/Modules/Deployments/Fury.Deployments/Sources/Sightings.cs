using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>What a source has last said of a metric of a pool.</summary>
/// <param name="At">For when it was asked.</param>
/// <param name="IsCumulative">See <see cref="IMetricSource.IsCumulative"/>.</param>
/// <param name="All">Of a value: its points.</param>
/// <param name="Fault">
/// Why it says nothing, in a sentence that names the metric: <see cref="FaultKind.Unavailable"/> the source is dark, <see cref="FaultKind.Invalid"/> a query is
/// wrong, <see cref="FaultKind.NotFound"/> it has no number for the pool.
/// </param>
internal sealed record Sighting(DateTimeOffset At, bool IsCumulative, IReadOnlyList<Point> Bad, IReadOnlyList<Point> All, Fault? Fault = null);

/// <summary>What all sources have said up to a moment.</summary>
internal sealed class Sightings(
    IReadOnlyDictionary<string, (bool IsCumulative, IReadOnlyDictionary<(string Query, PoolId Pool), Answer> Answers)> sources)
{
    /// <summary>What is more is no measurement, and its sum may be no number.</summary>
    private const double ValueMax = 1e15;

    public static Sightings None { get; } = new(new Dictionary<string, (bool, IReadOnlyDictionary<(string, PoolId), Answer>)>());

    /// <summary>By the name of their field.</summary>
    public static IEnumerable<(string Field, string Text)> QueriesOf(MetricPolicy metric) => metric.Kind == MetricKind.Value
        ? [("value", metric.Value!)]
        : [("bad", metric.Bad!), ("all", metric.All!)];

    /// <summary>Null when it was not asked yet.</summary>
    public Sighting? Of(MetricPolicy metric, PoolId pool)
    {
        if (!sources.TryGetValue(metric.Source, out var source))
        {
            var known = sources.Count == 0 ? "none" : string.Join(", ", sources.Keys);
            return new(default, false, [], [], Fault.Unavailable($"{metric.Name}: this host knows no source {metric.Source}, but {known}."));
        }

        var answers = QueriesOf(metric).Select(query => (query.Field, Answer: source.Answers.GetValueOrDefault((query.Text, pool)))).ToList();
        return answers.Exists(query => query.Answer is null) ? null : new(
            answers[0].Answer!.At,
            source.IsCumulative,
            answers.Count > 1 ? answers[0].Answer!.Points : [],
            answers[^1].Answer!.Points,
            answers.Select(query => FaultOf(metric, pool, query.Field, query.Answer!)).FirstOrDefault(fault => fault is not null));
    }

    private static Fault? FaultOf(MetricPolicy metric, PoolId pool, string field, Answer answer)
    {
        var named = $"{metric.Name} ({field}): Source {metric.Source}";
        return answer.Fault is { } fault ? fault with { Message = $"{metric.Name} ({field}): {fault.Message}" }
            : answer.Points.FirstOrDefault(point => !(Math.Abs(point.Value) < ValueMax)) is { } odd
                ? new(FaultKind.NotFound, $"{named} says {odd.Value} of pool {pool}, and right would be a number.")
            : metric.Kind == MetricKind.Value && answer.Points.GroupBy(point => point.At).Any(points => points.Count() > 1)
                ? Fault.Invalid($"{named} answers with several series for pool {pool}: right would be one, such as their sum or maximum.")
            : null;
    }
}
