using System.Collections.Concurrent;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Evacuation;

/// <summary>
/// Empties clusters that are to be left: first every pool's successors start elsewhere, the most critical first, at the <see cref="Pace"/> of their
/// destinations; and what a pool has in the cluster goes once as many are ready elsewhere as it wants. What has no place elsewhere stays where it is.
/// </summary>
internal sealed class Evacuator(IPoolStore store, PoolMover mover, TimeProvider clock, ILogger<Evacuator> log)
{
    /// <summary>Pools that are planned for in one pass, which keeps it short; the next one begins where it ended.</summary>
    private const int PlannedMax = 500;

    private const int PoolsAtOnceMax = 16;

    private readonly Planner _planner = new();
    private readonly Dictionary<string, Pace> _paces = new(StringComparer.Ordinal);
    private Dictionary<PoolId, DateTimeOffset> _stuck = [];

    /// <param name="due">Clusters that are to be left.</param>
    public async Task Pass(Placer placer, IReadOnlyList<string> due, CancellationToken cancellation)
    {
        var evacuating = await store.Evacuating(cancellation);
        See(Pace.Count(evacuating));

        // Also where the cluster has recovered meanwhile: what is under way is finished.
        await Each(evacuating.Where(Settling.IsRelieved), (pool, stop) => mover.Move(pool, Settling.Relieve, stop), cancellation);
        if (due.Count > 0)
        {
            await Leave(placer, due, cancellation);
        }
    }

    private async Task Leave(Placer placer, IReadOnlyList<string> due, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        Dictionary<PoolId, Pool> pools = [];
        foreach (var cluster in due)
        {
            foreach (var pool in await store.In(cluster, cancellation))
            {
                if (pool.Phase == PoolPhase.Active && pool.ShareIn(cluster) is { Stays: true })
                {
                    pools[pool.Spec.Id] = pool;
                }
            }
        }

        _stuck = _stuck.Where(one => one.Value > now && pools.ContainsKey(one.Key)).ToDictionary();
        var next = pools.Values
            .Where(pool => !_stuck.ContainsKey(pool.Spec.Id))
            .OrderByDescending(pool => pool.Spec.Criticality)
            .ThenByDescending(pool => pool.Wanted)
            .Take(PlannedMax)
            .Select(pool => Settling.RequestOf(pool, due));
        var plan = EvacuationPlan.Of(next, placer.Fleet, _planner, now);
        foreach (var move in plan.Pending)
        {
            _stuck[move.Request.Pool] = now + Settling.RetryPause;
            log.LogDebug("Pool {Pool} stays where it is to leave: {Why}", move.Request.Pool, move.Decision.Explain());
        }

        ConcurrentBag<PlannedMove> refused = [];
        await Each(
            Pace.Begin(plan, _paces, now),
            async (move, stop) =>
            {
                var moved = await mover.Place(placer, pools[move.Request.Pool], stop, move);
                if (!moved.IsOk)
                {
                    refused.Add(move);
                }

                return moved;
            },
            cancellation);
        Pace.TakeBack(refused, _paces);
    }

    /// <summary>Destinations at rest are forgotten: the next evacuation finds out anew what they can do.</summary>
    private void See(IReadOnlyDictionary<string, int> underWay)
    {
        var now = clock.GetUtcNow();
        foreach (var cluster in _paces.Keys.Union(underWay.Keys).ToList())
        {
            var pace = (_paces.GetValueOrDefault(cluster) ?? Pace.New(now)).See(underWay.GetValueOrDefault(cluster), now);
            if (pace.UnderWay == 0 && now - pace.MovedAt > Pace.Patience)
            {
                _paces.Remove(cluster);
            }
            else
            {
                _paces[cluster] = pace;
            }
        }
    }

    private async Task Each<T>(IEnumerable<T> all, Func<T, CancellationToken, Task<Outcome<Pool>>> act, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = PoolsAtOnceMax, CancellationToken = cancellation },
            async (one, stop) =>
            {
                if (await act(one, stop) is { IsOk: false } refused)
                {
                    log.LogDebug("A pool could not be moved on and is looked at again: {Fault}", refused.Fault);
                }
            });
}
