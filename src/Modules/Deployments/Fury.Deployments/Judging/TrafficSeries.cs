using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>What candidate and current have met in some ticks, for people: the very numbers that the judge has seen.</summary>
/// <param name="Tick">The number of the last of them.</param>
/// <param name="At">The end of the last of them.</param>
/// <param name="Seconds">How long they are together.</param>
/// <param name="Current">Null in a first deployment.</param>
internal sealed record TrafficPoint(int Tick, DateTimeOffset At, double Seconds, ArmPoint Candidate, ArmPoint? Current);

/// <param name="Requests">In that time, over all locations.</param>
/// <param name="Errors">Of the requests: answered with a 5xx, or not answered.</param>
/// <param name="P50Ms">Half of the requests took no longer; null when it was not measured.</param>
/// <param name="P99Ms">99 of 100 requests took no longer; null when it was not measured.</param>
/// <param name="Ready">Replicas that were ready at the end.</param>
internal sealed record ArmPoint(long Requests, long Errors, double? P50Ms, double? P99Ms, int Ready);

/// <summary>Ticks as points of a plot.</summary>
internal static class TrafficSeries
{
    /// <summary>At most so many points, each of as many ticks as that takes.</summary>
    public static IReadOnlyList<TrafficPoint> Of(IReadOnlyList<(int Number, Tick Tick)> ticks, int pointsMax) =>
        [.. ticks.Chunk(Math.Max(1, (ticks.Count + pointsMax - 1) / pointsMax)).Select(Point)];

    /// <summary>
    /// Which latency so many of the requests do not exceed: read between the bounds of its bucket, as if its requests were spread evenly. Null without any.
    /// </summary>
    public static double? Quantile(IReadOnlyList<long> counts, double share)
    {
        var (all, seen) = (counts.Sum(), 0L);
        if (all == 0)
        {
            return null;
        }

        for (var bucket = 0; bucket < counts.Count; bucket++)
        {
            if (counts[bucket] > 0 && seen + counts[bucket] >= share * all)
            {
                var low = bucket == 0 ? 0 : Latency.BucketBounds[bucket - 1];
                var high = bucket < Latency.BucketBounds.Count ? Latency.BucketBounds[bucket] : low;
                return Math.Round(low + ((high - low) * ((share * all) - seen) / counts[bucket]), 2);
            }

            seen += counts[bucket];
        }

        return Latency.BucketBounds[^1];
    }

    private static TrafficPoint Point((int Number, Tick Tick)[] ticks)
    {
        var (last, lanes) = (ticks[^1].Tick, ticks.SelectMany(one => one.Tick.Lanes).ToList());
        return new(
            ticks[^1].Number,
            last.At,
            ticks.Sum(one => one.Tick.Span.TotalSeconds),
            Sum([.. lanes.Select(lane => lane.Candidate)], last.Lanes.Sum(lane => lane.Candidate.Ready)),
            lanes.Any(lane => lane.Current is not null)
                ? Sum([.. lanes.Where(lane => lane.Current is not null).Select(lane => lane.Current!)], last.Lanes.Sum(lane => lane.Current?.Ready ?? 0))
                : null);
    }

    private static ArmPoint Sum(IReadOnlyList<Arm> arms, int ready)
    {
        var counts = new long[Latency.BucketBounds.Count + 1];
        foreach (var latencies in arms.Select(arm => arm.Latencies ?? []))
        {
            for (var bucket = 0; bucket < Math.Min(counts.Length, latencies.Count); bucket++)
            {
                counts[bucket] += latencies[bucket];
            }
        }

        return new(arms.Sum(arm => arm.Requests), arms.Sum(arm => arm.Errors), Quantile(counts, 0.5), Quantile(counts, 0.99), ready);
    }
}
