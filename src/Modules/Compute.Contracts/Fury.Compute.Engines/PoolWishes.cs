using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Engines;

/// <summary>
/// What becomes of what a pool is to be when somebody wishes something of it, the same in every engine: <see cref="IComputeEngine"/> says it in words.
/// Pure; null stands for a pool that nobody has asked for yet.
/// </summary>
public static class PoolWishes
{
    /// <summary>Replicas.</summary>
    public const int CeilingMax = 1000;

    /// <summary>The ids, for a question about many pools.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="IComputeEngine.PoolsMax"/>.</exception>
    public static IReadOnlyCollection<PoolId> NotTooMany(IReadOnlyCollection<PoolId> ids) => ids.Count <= IComputeEngine.PoolsMax
        ? ids
        : throw new ArgumentException($"{ids.Count} pools are asked about at once; at most {IComputeEngine.PoolsMax}.", nameof(ids));

    /// <summary>Notes every number that is out of bounds.</summary>
    public static void Check(Validation check, PoolSpec pool)
    {
        check.Require(pool.Ceiling is >= 1 and <= CeilingMax, pool.Ceiling, $"1 to {CeilingMax}");
        check.Require(pool.Replicas >= 0 && pool.Replicas <= pool.Ceiling, pool.Replicas, "0 to the ceiling");
        pool.Spot.Check(check, "spot");
        pool.Autoscale?.Check(check, "autoscale");
        check.Require(pool.Floor >= 0 && pool.Floor <= pool.Ceiling, pool.Floor, "0 to the ceiling");
    }

    /// <summary>
    /// The pool as it is to be from now on. <see cref="FaultKind.Conflict"/> when it is not active any more, or is another release's or location's.
    /// </summary>
    public static Outcome<PoolSpec> Ensure((PoolSpec Spec, PoolPhase Phase)? known, PoolSpec asked)
    {
        var replicas = Math.Max(asked.Replicas, asked.Floor);
        return known switch
        {
            null => asked with { Replicas = replicas },
            { Phase: not PoolPhase.Active } gone => Fault.Conflict(
                $"Pool '{asked.Id}' is {(gone.Phase == PoolPhase.Retired ? "retired" : "retiring")} and is never brought back to life."),
            { Spec: var spec } when spec.Release.Id != asked.Release.Id => Fault.Conflict(
                $"Pool '{asked.Id}' runs release '{spec.Release.Id}' and is never used for another."),
            { Spec: var spec } when spec.Location != asked.Location => Fault.Conflict($"Pool '{asked.Id}' is at '{spec.Location}' and cannot move."),
            { Spec: var spec } => spec with
            {
                Replicas = replicas,
                Floor = asked.Floor,
                Ceiling = asked.Ceiling,
                Criticality = asked.Criticality,
                Workload = asked.Workload,
                Spot = asked.Spot,
                Autoscale = asked.Autoscale,
                MayShrink = asked.MayShrink,
            },
        };
    }

    /// <summary>
    /// The pool with another floor, grown to it and never shrunk. <see cref="FaultKind.NotFound"/>, <see cref="FaultKind.Conflict"/> when it is not active
    /// any more, <see cref="FaultKind.Invalid"/> above its ceiling.
    /// </summary>
    public static Outcome<PoolSpec> SetFloor((PoolSpec Spec, PoolPhase Phase)? known, PoolId id, int floor) => Active(known, id).Then<PoolSpec>(spec =>
        floor < 0 || floor > spec.Ceiling
            ? Fault.Invalid("floor", floor, $"0 to {spec.Ceiling}, the pool's ceiling")
            : spec with { Replicas = Math.Max(spec.Replicas, floor), Floor = floor });

    /// <summary><see cref="FaultKind.NotFound"/> when nobody has asked for the pool, <see cref="FaultKind.Conflict"/> when it is not active any more.</summary>
    public static Outcome<PoolSpec> Active((PoolSpec Spec, PoolPhase Phase)? known, PoolId id) => known switch
    {
        null => Fault.NotFound("pool", id),
        { Phase: not PoolPhase.Active } => Fault.Conflict($"Pool '{id}' is being retired."),
        { Spec: var spec } => spec,
    };
}
