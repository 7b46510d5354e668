using Fury.Compute.Contracts;
using Fury.Deployments.Sources;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>
/// What a pool has met since it began. The difference of two of them is what was met between: whoever judges next goes on where the last was.
/// </summary>
/// <param name="Errors">Answered with a 5xx, or not answered at all.</param>
/// <param name="Replicas">By id; those that nothing is known of are not among them.</param>
internal sealed record Totals(long Requests, long Errors, IReadOnlyList<long> Latencies, IReadOnlyDictionary<string, ReplicaTotals> Replicas)
{
    /// <summary>Metrics of the application's own, by name: how far each has been counted.</summary>
    public IReadOnlyDictionary<string, MetricTotals>? Metrics { get; init; }

    public static Totals None { get; } = new(0, 0, [], new Dictionary<string, ReplicaTotals>());

    public static Totals Of(PoolTraffic traffic, PoolState? pool, IEnumerable<ReplicaUsage> usage)
    {
        var counted = traffic.Replicas.ToDictionary(replica => replica.Replica);
        var used = usage.ToDictionary(replica => replica.Replica);
        var known = (pool?.Replicas ?? []).ToDictionary(replica => replica.Id);
        return new(
            traffic.Requests,
            traffic.Errors + traffic.Failures,
            traffic.LatencyCounts,
            counted.Keys.Union(used.Keys).Union(known.Keys).ToDictionary(id => id.ToString(), id =>
            {
                var count = counted.GetValueOrDefault(id);
                return new ReplicaTotals(
                    count?.Requests ?? 0,
                    count?.Errors ?? 0,
                    count?.LatencyCounts ?? [],
                    known.GetValueOrDefault(id)?.Restarts ?? 0,
                    used.GetValueOrDefault(id)?.CpuSeconds);
            }));
    }

    /// <summary>What was met since <paramref name="before"/>. A counter that has gone back has begun anew.</summary>
    public Arm Since(Totals before, int ready, double? cores)
    {
        var replicas = Replicas.Select(one => one.Value.Since(one.Key, before.Replicas.GetValueOrDefault(one.Key))).ToList();
        var cpu = Replicas.Select(one => one.Value.CpuSince(before.Replicas.GetValueOrDefault(one.Key))).OfType<double>().ToList();
        return new Arm
        {
            Requests = Grown(before.Requests, Requests),
            Errors = Grown(before.Errors, Errors),
            Latencies = Latencies.Any(count => count > 0) ? Grown(before.Latencies, Latencies) : null,
            Replicas = replicas.Any(one => one.Requests > 0 || one.Restarts > 0) ? [.. replicas.Where(one => one.Requests > 0 || one.Restarts > 0)] : null,
            Ready = ready,
            CpuSeconds = cpu.Count == 0 ? null : cpu.Sum(),
            CpuCores = cores,
        };
    }

    /// <summary>What had been met at the end of a tick that began here. Processor time is not carried on: it is known again at the next look.</summary>
    public Totals Plus(Arm arm)
    {
        var replicas = new Dictionary<string, ReplicaTotals>(Replicas);
        foreach (var more in arm.Replicas ?? [])
        {
            replicas[more.Replica] = (replicas.GetValueOrDefault(more.Replica) ?? ReplicaTotals.None).Plus(more);
        }

        return new(Requests + arm.Requests, Errors + arm.Errors, Added(Latencies, arm.Latencies), replicas)
        {
            // How far its source was is not in a reading: what is counted begins where it is looked at next, and nothing is counted twice.
            Metrics = Metrics?.Where(metric => arm.Readings?.Any(reading => reading.Metric == metric.Key) is not true).ToDictionary(),
        };
    }

    internal static long Grown(long before, long now) => now >= before ? now - before : now;

    internal static long[] Grown(IReadOnlyList<long> before, IReadOnlyList<long> now) =>
        [.. now.Select((count, bucket) => Grown(bucket < before.Count ? before[bucket] : 0, count))];

    internal static IReadOnlyList<long> Added(IReadOnlyList<long> one, IReadOnlyList<long>? two) =>
        two is null or [] ? one : [.. Enumerable.Range(0, Math.Max(one.Count, two.Count)).Select(bucket => At(one, bucket) + At(two, bucket))];

    private static long At(IReadOnlyList<long> counts, int bucket) => bucket < counts.Count ? counts[bucket] : 0;
}

/// <param name="CpuSeconds">Null when it is not known.</param>
internal sealed record ReplicaTotals(long Requests, long Errors, IReadOnlyList<long> Latencies, int Restarts, double? CpuSeconds)
{
    public static ReplicaTotals None { get; } = new(0, 0, [], 0, null);

    public ReplicaCounts Since(string replica, ReplicaTotals? before) => new(
        replica,
        Totals.Grown(before?.Requests ?? 0, Requests),
        Totals.Grown(before?.Errors ?? 0, Errors),
        Latencies.Count == 0 ? null : Totals.Grown(before?.Latencies ?? [], Latencies),
        (int)Totals.Grown(before?.Restarts ?? 0, Restarts));

    /// <summary>Null when it is not known for both.</summary>
    public double? CpuSince(ReplicaTotals? before) =>
        CpuSeconds is { } now && before?.CpuSeconds is { } then ? (now >= then ? now - then : now) : null;

    public ReplicaTotals Plus(ReplicaCounts more) => new(
        Requests + more.Requests, Errors + more.Errors, Totals.Added(Latencies, more.Latencies), Restarts + more.Restarts, null);
}
