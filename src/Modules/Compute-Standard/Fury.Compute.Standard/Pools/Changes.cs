using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>What becomes of a pool when something has happened to one of its instances. Pure, and the same again when told twice.</summary>
internal static class Changes
{
    /// <summary>The pause before the first launch after one that failed; it doubles with each failure.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    public static Instance NewInstance(InstanceId id, long launch, DateTimeOffset now) => new(
        id, ReplicaPhase.Starting, null, null, null, 0, 0, "It is being launched.", WasReady: false, launch, Terminating: false, null, now);

    public static Instance Stop(Instance instance, DateTimeOffset now) =>
        instance.IsLive ? instance with { Phase = ReplicaPhase.Stopping, Reason = "It is being stopped.", StoppingAt = now } : instance;

    /// <summary>What the provider and the health checks say of it. One that stops stays so, whatever they say.</summary>
    public static Pool Seen(Pool pool, InstanceId id, HealthState seen)
    {
        if (pool.Find(id) is not { IsLive: true } instance)
        {
            return pool;
        }

        var changed = pool.With(instance with
        {
            Phase = seen.Phase,
            Address = seen.Address,
            Port = seen.Port,
            Restarts = seen.Restarts,
            Reason = seen.Reason,
            WasReady = instance.WasReady || seen.Phase == ReplicaPhase.Ready,
        });
        return seen.Phase == ReplicaPhase.Ready ? changed with { Problem = null, Failures = 0, RetryAt = null } : changed;
    }

    /// <summary>A launch failed: told as the pool's problem, and the next one waits. Failures of one wave count once.</summary>
    public static Pool LaunchFailed(Pool pool, Fault fault, DateTimeOffset now)
    {
        if (pool.Phase != PoolPhase.Active)
        {
            return pool;
        }

        var problem = fault with { Detail = null };
        return pool.RetryAt > now
            ? pool with { Problem = problem }
            : pool with { Problem = problem, Failures = pool.Failures + 1, RetryAt = now + Pause(pool.Failures + 1) };
    }

    /// <summary>The instance is no more; with the last one a retiring pool is retired.</summary>
    public static Pool Gone(Pool pool, InstanceId id)
    {
        var left = pool.Instances.Where(instance => instance.Id != id).ToList();
        return pool with
        {
            Instances = left,
            Phase = pool.Phase == PoolPhase.Retiring && left.Count == 0 ? PoolPhase.Retired : pool.Phase,
        };
    }

    internal static TimeSpan Pause(int failures) =>
        TimeSpan.FromTicks((long)Math.Min(RetryMax.Ticks, RetryFirst.Ticks * Math.Pow(2, Math.Min(failures - 1, 30))));
}
