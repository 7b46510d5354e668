using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>What becomes of a pool when somebody wishes something of it. Pure; null stands for a pool that nobody has asked for yet.</summary>
internal static class Wishes
{
    public static Fault? Check(PoolSpec pool)
    {
        var check = new Validation();
        PoolWishes.Check(check, pool);
        return check.Fault;
    }

    public static Outcome<Pool> Ensure(Pool? known, PoolSpec asked) =>
        PoolWishes.Ensure(known?.Wish, asked).Then<Pool>(spec =>
            known is null ? Pool.New(spec) : known with { Spec = spec, Scaled = spec.Replicas == known.Spec.Replicas ? known.Scaled : null });

    /// <summary>So many are wanted by the pool's autoscaling. What has none any more, or is being retired, is left as it is.</summary>
    public static Pool Scale(Pool known, int replicas) =>
        known is { Phase: PoolPhase.Active, Spec.Autoscale: not null } ? known with { Scaled = replicas } : known;

    public static Outcome<Pool> SetFloor(Pool? known, PoolId id, int floor) =>
        PoolWishes.SetFloor(known?.Wish, id, floor).Then<Pool>(spec => known! with { Spec = spec });

    /// <summary>The replica stops, which the plan makes up for; one that is not there, or stops already, is left as it is.</summary>
    public static Outcome<Pool> Replace(Pool? known, PoolId id, InstanceId replica, DateTimeOffset now) =>
        PoolWishes.Active(known?.Wish, id).Then<Pool>(_ => known!.Find(replica) is { IsLive: true } sick ? known.With(Changes.Stop(sick, now)) : known);

    public static Pool Retire(Pool? known, PoolId id, DateTimeOffset now) => known switch
    {
        null => Pool.New(PoolSpec.Unknown(id)) with { Phase = PoolPhase.Retired },
        { Phase: not PoolPhase.Active } => known,
        _ => known with
        {
            Phase = known.Instances.Count == 0 ? PoolPhase.Retired : PoolPhase.Retiring,
            Instances = [.. known.Instances.Select(instance => Changes.Stop(instance, now))],
            Problem = null,
            RetryAt = null,
        },
    };
}
