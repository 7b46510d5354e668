using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Placing;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Pools;

/// <summary>What becomes of a pool when something has happened to one of its instances. Pure, and the same again when told twice.</summary>
internal static class Changes
{
    /// <summary>The pause before the first launch after one that failed; it doubles with each failure.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    public static Instance NewInstance(InstanceId id, Guid lot, Place place, long launch, DateTimeOffset now) => new(
        id, lot, place, ReplicaPhase.Starting, null, null, null, 0, 0, "It is being launched.", WasReady: false, launch, Terminating: false, null, now,
        EndsAt: null);

    /// <summary>
    /// The provider has given these for the lot: each becomes one of its instances, in the order of their ids, and what was not given is no more. The same
    /// again when told again, with more where more were given meanwhile.
    /// </summary>
    public static Pool Given(Pool pool, Guid lot, IReadOnlyList<ProviderInstance> given)
    {
        var taken = pool.Lot(lot).Select(instance => instance.ProviderId).OfType<string>().ToHashSet();
        var free = new Queue<ProviderInstance>(given.Where(one => !taken.Contains(one.Id)).OrderBy(one => one.Id, StringComparer.Ordinal));
        var instances = new List<Instance>();
        foreach (var instance in pool.Instances)
        {
            if (instance.Lot != lot || instance.ProviderId is not null)
            {
                instances.Add(instance);
            }
            else if (free.TryDequeue(out var one))
            {
                instances.Add(instance with { ProviderId = one.Id, Address = one.Address, Port = one.Port });
            }
        }

        return Left(pool, instances);
    }

    /// <summary>Its provider has said when it takes it back; what it serves until then, it serves.</summary>
    public static Pool Noticed(Pool pool, InstanceId id, DateTimeOffset endsAt) =>
        pool.Find(id) is { IsLive: true } instance && (instance.EndsAt is null || instance.EndsAt > endsAt)
            ? pool.With(instance with { EndsAt = endsAt })
            : pool;

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

        var troubled = Troubled(pool, fault);
        return pool.RetryAt > now ? troubled : troubled with { Failures = pool.Failures + 1, RetryAt = now + Pause(pool.Failures + 1) };
    }

    /// <summary>Told as the pool's problem, while what is missing is asked for elsewhere.</summary>
    public static Pool Troubled(Pool pool, Fault fault) => pool.Phase == PoolPhase.Active ? pool with { Problem = fault with { Detail = null } } : pool;

    /// <summary>The instances are no more; with the last one a retiring pool is retired.</summary>
    public static Pool Gone(Pool pool, Func<Instance, bool> which) => Left(pool, [.. pool.Instances.Where(instance => !which(instance))]);

    public static Pool Gone(Pool pool, InstanceId id) => Gone(pool, instance => instance.Id == id);

    private static Pool Left(Pool pool, List<Instance> left) => pool with
    {
        Instances = left,
        Phase = pool.Phase == PoolPhase.Retiring && left.Count == 0 ? PoolPhase.Retired : pool.Phase,
    };

    internal static TimeSpan Pause(int failures) =>
        TimeSpan.FromTicks((long)Math.Min(RetryMax.Ticks, RetryFirst.Ticks * Math.Pow(2, Math.Min(failures - 1, 30))));
}
