using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>One metric in one tick of a lane.</summary>
/// <param name="Replicas">The candidate's, without those that are left out; empty where it is not told.</param>
/// <param name="Parts">The current's replicas; likewise.</param>
/// <param name="HasData">The candidate's can be told.</param>
internal sealed record Sample(
    Tally Candidate, Tally Current, IReadOnlyList<(string Replica, Tally Part)> Replicas, IReadOnlyList<Tally> Parts, bool HasData)
{
    public static readonly Sample None = new(default, default, [], [], false);
}

/// <summary>Reads the counts of a metric out of a tick.</summary>
internal static class Counting
{
    /// <param name="without">Replicas of the candidate that are left out.</param>
    /// <param name="slow">Where slow begins; null when that is not known yet.</param>
    public static Sample Of(Metric metric, LaneTick tick, TimeSpan span, IReadOnlyList<string> without, Threshold? slow)
    {
        if (metric.Source == Source.Errors)
        {
            return Sampled(tick, without, arm => new(arm.Errors, arm.Requests), (part, _) => new(part.Errors, part.Requests));
        }

        if (metric.Source == Source.Restarts)
        {
            return Sampled(
                tick,
                without,
                arm => new(arm.Replicas?.Count(replica => replica.Restarts > 0) ?? 0, arm.Ready * span.TotalSeconds),
                (part, _) => new(Math.Min(1, part.Restarts), span.TotalSeconds)) with
            { Parts = [] };
        }

        if (slow is null)
        {
            return Sample.None with { HasData = tick.Candidate.Latencies is not null };
        }

        return Sampled(
            tick,
            without,
            arm => Slower(arm.Latencies ?? [], arm == tick.Candidate ? slow.Candidate : slow.Current),
            (part, ofCandidate) => Slower(part.Latencies ?? [], ofCandidate ? slow.Candidate : slow.Current));
    }

    private static Sample Sampled(LaneTick tick, IReadOnlyList<string> without, Func<Arm, Tally> whole, Func<ReplicaCounts, bool, Tally> part)
    {
        var candidate = whole(tick.Candidate);
        List<(string, Tally)> replicas = [];
        foreach (var replica in tick.Candidate.Replicas ?? [])
        {
            var counted = part(replica, true);
            if (without.Contains(replica.Replica))
            {
                candidate -= counted;
            }
            else if (counted.Total > 0)
            {
                replicas.Add((replica.Replica, counted));
            }
        }

        List<Tally> parts = [];
        foreach (var replica in tick.Current?.Replicas ?? [])
        {
            if (part(replica, false) is { Total: > 0 } counted)
            {
                parts.Add(counted);
            }
        }

        return new(candidate, tick.Current is { } current ? whole(current) : default, replicas, parts, candidate.Total > 0);
    }

    private static Tally Slower(IReadOnlyList<long> latencies, int bucket)
    {
        var (slower, all) = (0L, 0L);
        for (var index = 0; index < latencies.Count; index++)
        {
            all += latencies[index];
            slower += index > bucket ? latencies[index] : 0;
        }

        return new(slower, all);
    }
}

/// <summary>Requests in buckets above these are slow.</summary>
internal sealed record Threshold(int Candidate, int Current)
{
    /// <summary>A percentile of fewer requests is not looked at.</summary>
    private const double RequestsMin = 100;

    /// <summary>
    /// The bucket in which so much of the histogram ends; for the candidate the one in which the bound and what is forgiven it end. Null when too little was
    /// seen, or when it ends nowhere.
    /// </summary>
    public static Threshold? Of(double[] histogram, double percentile, double extraMs)
    {
        var (total, below) = (histogram.Sum(), 0.0);
        for (var bucket = 0; bucket < Latency.BucketBounds.Count && bucket < histogram.Length && total >= RequestsMin; bucket++)
        {
            below += histogram[bucket];
            if (below >= percentile * total)
            {
                return new(Of(Latency.BucketBounds[bucket] + extraMs), bucket);
            }
        }

        return null;
    }

    /// <summary>The first bucket whose bound is no less, so that what is slower is slower for certain.</summary>
    public static int Of(double milliseconds)
    {
        var bucket = 0;
        while (bucket < Latency.BucketBounds.Count && Latency.BucketBounds[bucket] < milliseconds)
        {
            bucket++;
        }

        return bucket;
    }
}
