using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>What becomes of a pool when somebody wishes something of it. Pure; null stands for a pool that nobody has asked for yet.</summary>
internal static class Wishes
{
    /// <summary>A cluster is asked for room, so every replica has a size.</summary>
    public static Fault? Check(PoolSpec pool)
    {
        var check = new Validation();
        PoolWishes.Check(check, pool);
        check.Require(pool.Release.Size.CpuMillis > 0, pool.Release.Size.CpuMillis, "at least 1");
        check.Require(pool.Release.Size.MemoryMiB > 0, pool.Release.Size.MemoryMiB, "at least 1");
        return check.Fault;
    }

    public static Outcome<Pool> Ensure(Pool? known, PoolSpec asked) =>
        PoolWishes.Ensure(known?.Wished, asked).Then<Pool>(spec => known is null ? Pool.New(spec) : Change(known, spec));

    public static Outcome<Pool> SetFloor(Pool? known, PoolId id, int floor) =>
        PoolWishes.SetFloor(known?.Wished, id, floor).Then<Pool>(spec => Change(known!, spec));

    /// <summary>The replica is let go; one that is not there, or is let go already, is left as it is.</summary>
    public static Outcome<Pool> Replace(Pool? known, PoolId id, InstanceId replica) => PoolWishes.Active(known?.Wished, id).Then<Pool>(_ =>
        known!.Find(replica) is { Ending: false, Phase: not ReplicaPhase.Stopping } sick && known.ShareIn(sick.Cluster) is not { Leaving: true }
            ? known.With(sick with { Ending = true })
            : known);

    public static Pool Retire(Pool? known, PoolId id) => known switch
    {
        null => Pool.New(PoolSpec.Unknown(id)) with { Phase = PoolPhase.Retired, Placed = 1 },
        { Phase: not PoolPhase.Active } => known,
        _ => known with { Phase = PoolPhase.Retiring, Wish = known.Wish + 1, Unplaced = null, RetryAt = null },
    };

    private static Pool Change(Pool known, PoolSpec spec) =>
        spec == known.Spec ? known : known with { Spec = spec, Wish = known.Wish + 1, RetryAt = null };
}
