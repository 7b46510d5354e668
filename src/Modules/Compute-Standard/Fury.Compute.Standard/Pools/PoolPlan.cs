using Fury.Compute.Contracts;
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
    public static PoolMoves Decide(Pool pool, DateTimeOffset now)
    {
        var live = pool.Instances.Where(instance => instance.IsLive).ToList();
        var wanted = pool.Phase == PoolPhase.Active ? Math.Max(pool.Spec.Replicas, pool.Spec.Floor) : 0;
        var mayLaunch = pool.RetryAt is null || pool.RetryAt <= now;

        // What cannot serve goes first, then the youngest: ids sort by time.
        var surplus = live
            .OrderBy(instance => instance.Phase == ReplicaPhase.Ready)
            .ThenByDescending(instance => instance.Id.Value.ToString(), StringComparer.Ordinal)
            .Take(Math.Max(0, live.Count - wanted));
        var stopping = pool.Instances.Where(instance => instance is { IsLive: false, Terminating: false });
        return new(
            mayLaunch ? Math.Max(0, wanted - live.Count) : 0,
            [.. stopping.Concat(surplus).Select(instance => instance.Id)]);
    }

    /// <summary>Whether there will be nothing to do for it, now and when it may be tried again, until it changes.</summary>
    public static bool IsSettled(Pool pool) => Decide(pool, DateTimeOffset.MaxValue).None;
}
