using Fury.Compute.Contracts;
using Fury.Compute.Standard.Placing;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>What is to be done so that a pool becomes what is wished.</summary>
internal sealed record PoolMoves(int Launch, IReadOnlyList<InstanceId> Terminate)
{
    public bool None => Launch == 0 && Terminate.Count == 0;
}

/// <summary>Wanted against seen. Pure.</summary>
internal static class PoolPlan
{
    /// <summary>
    /// What is about to be taken back stays until its successors are ready, or until so long before its end: by then proxies have to know that it goes, and
    /// it has to end its work.
    /// </summary>
    public static readonly TimeSpan LeaveBefore = TimeSpan.FromSeconds(35);

    public static PoolMoves Decide(Pool pool, DateTimeOffset now)
    {
        var kept = pool.Instances.Where(instance => instance.IsKept).ToList();
        var wanted = pool.Wanted;
        var mayLaunch = pool.RetryAt is null || pool.RetryAt <= now;
        var stopping = pool.Instances.Where(instance => instance is { IsLive: false, Terminating: false });
        return new(
            mayLaunch ? Math.Max(0, wanted - kept.Count) : 0,
            [.. stopping.Concat(Leaving(pool, kept, wanted, now)).Concat(Surplus(kept, wanted)).Select(instance => instance.Id)]);
    }

    /// <summary>From when on there is something to do for the pool; null: not before it changes.</summary>
    public static DateTimeOffset? DueAt(Pool pool)
    {
        if (!Decide(pool, DateTimeOffset.UnixEpoch).None)
        {
            return DateTimeOffset.UnixEpoch;
        }

        var ends = pool.Instances.Where(instance => instance.IsLive).Select(instance => instance.EndsAt - LeaveBefore);
        return Decide(pool, DateTimeOffset.MaxValue).None ? null : ends.Append(pool.RetryAt).Min();
    }

    private static IEnumerable<Instance> Leaving(Pool pool, List<Instance> kept, int wanted, DateTimeOffset now)
    {
        var isMadeUpFor = kept.Count(instance => instance.Phase == ReplicaPhase.Ready) >= wanted;
        return pool.Instances.Where(instance => instance is { IsLive: true, EndsAt: { } end } && (isMadeUpFor || end - now <= LeaveBefore));
    }

    /// <summary>What cannot serve goes first, and then from where most are, the youngest there: ids sort by time.</summary>
    private static IEnumerable<Instance> Surplus(List<Instance> kept, int wanted)
    {
        var surplus = Math.Max(0, kept.Count - wanted);
        var youngestFirst = kept.OrderByDescending(instance => instance.Id.Value.ToString(), StringComparer.Ordinal).ToList();
        var cannotServe = youngestFirst.Where(instance => instance.Phase != ReplicaPhase.Ready).ToList();
        return surplus <= cannotServe.Count
            ? Placement.Surplus(cannotServe, surplus, instance => instance.Place)
            : [.. cannotServe, .. Placement.Surplus([.. youngestFirst.Except(cannotServe)], surplus - cannotServe.Count, instance => instance.Place)];
    }
}
