using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Scaling;

/// <summary>
/// Brings a pool to its floor. Nobody else writes floors. How many replicas there are above the floor is said by the engine's autoscaler alone, where it has
/// one; Standard has none, so there the floor is the size.
/// </summary>
internal static class Sizes
{
    /// <summary>The pool as it is now. A pool that is being taken down is left alone.</summary>
    public static async Task<Outcome<PoolState>> Reach(IComputeEngine engine, PoolId id, Floor floor, CancellationToken cancellation)
    {
        var found = await engine.Describe(id, cancellation);
        return !found.IsOk || found.Value.Phase != PoolPhase.Active ? found
            : Wish(engine.Kind, found.Value.Spec, floor) is { } wish ? await engine.Ensure(wish, cancellation)
            : found.Value.Spec.Floor != floor.Replicas ? await engine.SetFloor(id, floor.Replicas, cancellation)
            : found;
    }

    /// <summary>What is to be asked for where replicas are to become fewer, or as many as the floor; null where setting the floor is all.</summary>
    private static PoolSpec? Wish(ComputeKind engine, PoolSpec spec, Floor floor) =>
        (floor.Sleeps || engine == ComputeKind.Standard) && (spec.Replicas, spec.Floor) != (floor.Replicas, floor.Replicas)
            ? spec with { Replicas = floor.Replicas, Floor = floor.Replicas }
            : null;
}
