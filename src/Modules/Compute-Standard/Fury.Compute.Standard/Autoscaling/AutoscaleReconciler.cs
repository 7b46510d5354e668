using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Autoscaling;

/// <summary>
/// Looks at every pool that scales itself, and writes how many it is to have where that is another number than before. What is remembered is in memory, but
/// for the days of scopes; a host that takes over looks for a cool-down before it lets anything go.
/// </summary>
internal sealed partial class AutoscaleReconciler(
    IPoolStore pools, AutoscaleStore store, IEnumerable<IPoolMetrics> metrics, TimeProvider clock, ILogger<AutoscaleReconciler> log) : IReconciler
{
    private const int PoolsReadAtOnceMax = 1000;

    private readonly Dictionary<PoolId, Scaled> _known = [];
    private readonly HashSet<string> _untold = [];
    private long _fence;

    public string Name => "standard.autoscaling";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(15);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        if (fence != _fence)
        {
            _known.Clear();
            _fence = fence;
        }

        await Follow(cancellation);
        var values = await Read(cancellation);
        var days = new List<(DayKey, DayProfile)>();
        foreach (var (id, one) in _known.ToList())
        {
            var (state, wanted) = Autoscaler.Decide(one.Pool.Spec.Autoscale!, one.State, one.ReadingOf(values, clock.GetUtcNow()));
            if (!ReferenceEquals(state.Day, one.State.Day))
            {
                days.Add((KeyOf(one.Pool), state.Day));
            }

            _known[id] = one with { State = state };
            if (wanted.Replicas != one.Pool.Wanted)
            {
                await Scale(id, one.Pool.Wanted, wanted, cancellation);
            }
        }

        if (days.Count > 0)
        {
            await store.Keep([.. days.DistinctBy(day => day.Item1)], cancellation);
        }
    }

    private async Task Scale(PoolId id, int before, Wanted wanted, CancellationToken cancellation)
    {
        var scaled = await pools.Change(id, pool => Wishes.Scale(pool, wanted.Replicas), cancellation);
        if (scaled.IsOk)
        {
            Changed(log, id, before, wanted.Replicas, wanted.Why);
        }
    }

    /// <summary>Takes up what is new or has changed, and forgets what is gone: the rest costs one row without its contents.</summary>
    private async Task Follow(CancellationToken cancellation)
    {
        var now = await store.Pools(cancellation);
        foreach (var gone in _known.Keys.Except(now.Select(one => one.Pool)).ToList())
        {
            _known.Remove(gone);
        }

        var changed = now.Where(one => !_known.TryGetValue(one.Pool, out var known) || known.Pool.Revision != one.Revision).Select(one => one.Pool);
        foreach (var some in changed.Chunk(PoolsReadAtOnceMax))
        {
            var read = (await pools.Find(some, cancellation)).Where(pool => pool.Spec.Autoscale is not null).ToList();
            var days = await store.Days([.. read.Where(pool => !_known.ContainsKey(pool.Spec.Id)).Select(KeyOf).Distinct()], cancellation);
            foreach (var pool in read)
            {
                var state = _known.TryGetValue(pool.Spec.Id, out var known)
                    ? known.State
                    : AutoscaleState.New(clock.GetUtcNow(), days.GetValueOrDefault(KeyOf(pool)));
                _known[pool.Spec.Id] = new(pool, state);
            }
        }
    }

    /// <summary>All at once: a metric that is read slowly holds up no other.</summary>
    private async Task<Dictionary<string, IReadOnlyDictionary<PoolId, double>>> Read(CancellationToken cancellation)
    {
        var asked =
            from one in _known.Values
            from metric in one.Pool.Spec.Autoscale!.Metrics()
            group one.Pool.Spec.Id by metric into pools
            select Read(pools.Key, [.. pools], cancellation);
        return (await Task.WhenAll(asked)).ToDictionary(read => read.Metric, read => read.Values);
    }

    private async Task<(string Metric, IReadOnlyDictionary<PoolId, double> Values)> Read(
        string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        if (metrics.FirstOrDefault(source => source.Tells(metric)) is { } source)
        {
            return (metric, await source.Read(metric, pools, cancellation));
        }

        if (_untold.Add(metric))
        {
            Untold(log, metric, pools.Count);
        }

        return (metric, new Dictionary<PoolId, double>());
    }

    private static DayKey KeyOf(Pool pool) => new(pool.Spec.Release.Scope, pool.Spec.Location);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool} is to have {After} replicas instead of {Before}: {Why}")]
    private static partial void Changed(ILogger log, PoolId pool, int before, int after, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Nobody tells the metric {Metric}, by which {Pools} pools scale: they let nothing go. Name it in Fury:Metrics:Queries, or take it off them.")]
    private static partial void Untold(ILogger log, string metric, int pools);

    private sealed record Scaled(Pool Pool, AutoscaleState State)
    {
        public Reading ReadingOf(Dictionary<string, IReadOnlyDictionary<PoolId, double>> values, DateTimeOffset now) => new(
            now,
            values
                .Where(metric => metric.Value.ContainsKey(Pool.Spec.Id))
                .ToDictionary(metric => metric.Key, metric => metric.Value[Pool.Spec.Id]),
            Pool.Wanted,
            Pool.Spec.Floor,
            Pool.Spec.Ceiling)
        {
            MayShrink = Pool.Spec.MayShrink,
        };
    }
}
