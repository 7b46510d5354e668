using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Kernel;

namespace Fury.Compute.Standard.Autoscaling;

/// <summary>What a pool's replicas use of their size, in percent, summed over those of which two measurements are known.</summary>
internal sealed class CpuMetric(UsageReader usage, IPoolStore store, TimeProvider clock) : IPoolMetrics
{
    private const string Metric = "cpu";

    /// <summary>What was not told of for so long is gone.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(2);

    private readonly Dictionary<InstanceId, Seen> _before = [];

    public bool Tells(string metric) => metric == Metric;

    public async Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        var told = new Dictionary<PoolId, double>();
        foreach (var some in pools.Chunk(IComputeEngine.PoolsMax))
        {
            var sizes = (await store.Find(some, cancellation)).ToDictionary(pool => pool.Spec.Id, pool => pool.Spec.Release.Size.CpuMillis / 1000.0);
            var now = clock.GetUtcNow();
            foreach (var replicas in (await usage.Read(some, cancellation)).Where(one => sizes.ContainsKey(one.Pool)).GroupBy(one => one.Pool))
            {
                var used = replicas.Select(replica => Used(replica, now)).OfType<double>().ToList();
                if (used.Count > 0)
                {
                    // Those that have only just begun to be seen count as the others do on average.
                    told[replicas.Key] = 100 * used.Average() * replicas.Count() / sizes[replicas.Key];
                }
            }
        }

        Forget();
        return told;
    }

    /// <summary>Cores between the two newest measurements; null when there are no two.</summary>
    private double? Used(ReplicaUsage replica, DateTimeOffset now)
    {
        var at = replica.At ?? now;
        if (!_before.TryGetValue(replica.Replica, out var before))
        {
            _before[replica.Replica] = new(now, at, replica.CpuSeconds, null);
            return null;
        }

        if (at <= before.At)
        {
            // Nothing was told since the look before, so what was so then is what is known.
            _before[replica.Replica] = before with { LookedAt = now };
            return before.Cores;
        }

        double? cores = replica.CpuSeconds >= before.CpuSeconds ? (replica.CpuSeconds - before.CpuSeconds) / (at - before.At).TotalSeconds : null;
        _before[replica.Replica] = new(now, at, replica.CpuSeconds, cores);
        return cores;
    }

    private void Forget()
    {
        var oldest = clock.GetUtcNow() - Stale;
        foreach (var id in _before.Where(one => one.Value.LookedAt < oldest).Select(one => one.Key).ToList())
        {
            _before.Remove(id);
        }
    }

    /// <param name="At">When it was measured.</param>
    /// <param name="Cores">Between the measurement before and this one.</param>
    private readonly record struct Seen(DateTimeOffset LookedAt, DateTimeOffset At, double CpuSeconds, double? Cores);
}
