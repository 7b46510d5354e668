using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Scaling;

/// <summary>
/// Brings a pool to its floor. Nobody else writes floors. How many replicas there are above the floor is said by the engine's autoscaling alone, where the
/// pool has any; in Standard, without a policy, the floor is the size.
/// </summary>
internal static class Sizes
{
    /// <summary>The pool as it is now. A pool that is being taken down is left alone.</summary>
    public static async Task<Outcome<PoolState>> Reach(
        IComputeEngine engine, PoolId id, Floor floor, ScalingPolicy? scaling, CancellationToken cancellation)
    {
        var found = await engine.Describe(id, cancellation);
        return !found.IsOk || found.Value.Phase != PoolPhase.Active ? found
            : Wish(engine.Kind, found.Value.Spec, floor, scaling) is { } wish ? await engine.Ensure(wish, cancellation)
            : found.Value.Spec.Floor != floor.Replicas ? await engine.SetFloor(id, floor.Replicas, cancellation)
            : found;
    }

    /// <summary>The pool with its scope's policies. While a deployment is in progress nothing may go that might be needed back.</summary>
    public static PoolSpec Scaled(PoolSpec spec, ScalingPolicy? scaling, bool mayShrink) => spec with
    {
        Autoscale = scaling?.Autoscale,
        MayShrink = mayShrink || scaling?.Autoscale is null,
        Spot = scaling?.Spot ?? new(0),
    };

    /// <summary>
    /// What is to be asked for where replicas are to become fewer, or as many as the floor, or its policies are others; null where setting the floor is all.
    /// </summary>
    private static PoolSpec? Wish(ComputeKind engine, PoolSpec spec, Floor floor, ScalingPolicy? scaling)
    {
        var scaled = Scaled(spec, scaling, mayShrink: true);
        var isSize = floor.Sleeps || (engine == ComputeKind.Standard && scaled.Autoscale is null);
        var wish = isSize ? scaled with { Replicas = floor.Replicas, Floor = floor.Replicas } : scaled;
        return wish == spec ? null : isSize ? wish : wish with { Replicas = Math.Max(spec.Replicas, floor.Replicas), Floor = floor.Replicas };
    }
}
