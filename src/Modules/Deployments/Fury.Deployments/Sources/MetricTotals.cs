using System.Text.Json.Serialization;
using Fury.Deployments.Judging;

namespace Fury.Deployments.Sources;

/// <summary>How far a metric of a pool has been counted. What a source says next, beyond this, is news.</summary>
/// <param name="At">The source's own time of the last point that was counted.</param>
/// <param name="Bad">Of a counter that is told since it began: where each series was. Likewise <paramref name="All"/>.</param>
internal sealed record MetricTotals(
    [property: JsonPropertyName("t")] DateTimeOffset At,
    [property: JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, double>? Bad = null,
    [property: JsonPropertyName("a"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, double>? All = null)
{
    /// <summary>Where a series was that has gone is remembered, as it may come back, but not for ever.</summary>
    private const int SeriesMax = 2 * SeriesReading.PerPoolMax;

    /// <summary>
    /// What is news, or null when nothing is, and how far has been counted then. Before something was counted there is nothing to compare with: the first
    /// look at a counter is where it begins.
    /// </summary>
    public static (Reading? Reading, MetricTotals? After) Since(MetricTotals? before, string metric, bool isValue, Sighting? sighting)
    {
        if (sighting is null or { Fault: not null } or { All.Count: 0 })
        {
            return (null, before);
        }

        var newest = sighting.All.Max(point => point.At);
        if (newest <= before?.At)
        {
            return (null, before);
        }

        if (isValue)
        {
            // Of several points the newest: they are too close to each other to say more than one.
            return (new(metric, Points: [sighting.All.MaxBy(point => point.At)!.Value]), new(newest));
        }

        if (!sighting.IsCumulative)
        {
            return (before is null ? null : new(metric, Later(sighting.Bad), Later(sighting.All)), new(newest));
        }

        var (bad, grown) = Grown(before?.Bad, sighting.Bad);
        var (all, total) = Grown(before?.All, sighting.All);
        return (before is null ? null : new(metric, grown, total), new(newest, bad, all));

        double Later(IReadOnlyList<Point> points) => points.Where(point => point.At > before!.At && point.At <= newest).Sum(point => point.Value);
    }

    /// <summary>
    /// A series that was not there before begins at nothing. One that has fallen has begun anew, or is a sum that a replica has left: it is counted from there.
    /// </summary>
    private static (IReadOnlyDictionary<string, double> After, double Grown) Grown(IReadOnlyDictionary<string, double>? before, IReadOnlyList<Point> points)
    {
        var after = new Dictionary<string, double>(before ?? new Dictionary<string, double>());
        var grown = 0.0;
        foreach (var point in points)
        {
            grown += Math.Max(0, point.Value - after.GetValueOrDefault(point.Series));
            after[point.Series] = point.Value;
        }

        return (after.Count <= SeriesMax ? after : points.ToDictionary(point => point.Series, point => point.Value), grown);
    }
}
