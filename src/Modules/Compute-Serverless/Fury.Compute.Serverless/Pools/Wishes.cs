using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>What becomes of a pool when somebody wishes something of it. Pure; null stands for a pool that nobody has asked for yet.</summary>
internal static class Wishes
{
    public const int CeilingMax = 1000;

    public static Fault? Check(PoolSpec pool)
    {
        var check = new Validation();
        check.Require(pool.Ceiling is >= 1 and <= CeilingMax, pool.Ceiling, $"1 to {CeilingMax}");
        check.Require(pool.Replicas >= 0 && pool.Replicas <= pool.Ceiling, pool.Replicas, "0 to the ceiling");
        check.Require(pool.Floor >= 0 && pool.Floor <= pool.Ceiling, pool.Floor, "0 to the ceiling");
        check.Require(pool.Release.Size.CpuMillis > 0, pool.Release.Size.CpuMillis, "at least 1");
        check.Require(pool.Release.Size.MemoryMiB > 0, pool.Release.Size.MemoryMiB, "at least 1");
        return check.Fault;
    }

    public static Outcome<Pool> Ensure(Pool? known, PoolSpec asked)
    {
        var wish = asked with { Replicas = Math.Max(asked.Replicas, asked.Floor) };
        return known switch
        {
            null => Pool.New(wish),
            { Phase: not PoolPhase.Active } => Fault.Conflict(
                $"Pool '{asked.Id}' is {(known.Phase == PoolPhase.Retired ? "retired" : "retiring")} and is never brought back to life."),
            _ when known.Spec.Release.Id != asked.Release.Id => Fault.Conflict(
                $"Pool '{asked.Id}' runs release '{known.Spec.Release.Id}' and is never used for another."),
            _ when known.Spec.Location != asked.Location => Fault.Conflict($"Pool '{asked.Id}' is at '{known.Spec.Location}' and cannot move."),
            _ => Scale(known, wish.Replicas, wish.Floor, wish.Ceiling),
        };
    }

    public static Outcome<Pool> SetFloor(Pool? known, PoolId id, int floor) => known switch
    {
        null => Fault.NotFound("pool", id),
        { Phase: not PoolPhase.Active } => Fault.Conflict($"Pool '{id}' is being retired."),
        _ when floor < 0 || floor > known.Spec.Ceiling => Fault.Invalid("floor", floor, $"0 to {known.Spec.Ceiling}, the pool's ceiling"),
        _ => Scale(known, Math.Max(known.Spec.Replicas, floor), floor, known.Spec.Ceiling),
    };

    public static Pool Retire(Pool? known, PoolId id) => known switch
    {
        null => Pool.New(PoolSpec.Unknown(id)) with { Phase = PoolPhase.Retired, Placed = 1 },
        { Phase: not PoolPhase.Active } => known,
        _ => known with { Phase = PoolPhase.Retiring, Wish = known.Wish + 1, Unplaced = null, RetryAt = null },
    };

    private static Pool Scale(Pool known, int replicas, int floor, int ceiling)
    {
        var spec = known.Spec with { Replicas = replicas, Floor = floor, Ceiling = ceiling };
        return spec == known.Spec ? known : known with { Spec = spec, Wish = known.Wish + 1, RetryAt = null };
    }
}
