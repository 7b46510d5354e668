using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>Strategy + policy + present state → plan. Pure.</summary>
internal static class Planner
{
    private const string Instances = "instances";
    private const string Clusters = "clusters";

    /// <summary>Where a scope's first pool goes; later ones go where the current one is, or, of another compute kind, beside it in its region.</summary>
    public static Location FirstLocation { get; } = new("local", "this-machine", Instances);

    /// <param name="current">What the scope runs now; null before its first deployment.</param>
    /// <param name="currentReady">How many replicas of it are ready: the candidate starts at the observed size, not at the minimum.</param>
    /// <param name="floor">What the scope's scaling asks for now; the release's own minimum holds where that is more.</param>
    public static Plan Of(Release release, PoolId candidate, Policy policy, PoolPlan? current, int currentReady, int floor = 0)
    {
        var location = current is not null && current.Compute == release.Compute
            ? current.Location
            : (current?.Location ?? FirstLocation) with { Group = release.Compute == ComputeKind.Serverless ? Clusters : Instances };
        var ceiling = Math.Max(release.MinReplicas, release.MaxReplicas);
        floor = Math.Clamp(floor, release.MinReplicas, ceiling);
        var replicas = current is null ? floor : Math.Clamp(currentReady, floor, ceiling);
        var pool = new PoolPlan(candidate, release.Id, release.Version, release.Compute, location, replicas, floor, release.MaxReplicas);

        // All-in, blue-green and rollback move all traffic in one step; they differ in how long they judge and bake.
        return new Plan(pool, [new Cell(location, 100, replicas, policy.ConvergeSeconds, policy.JudgeSeconds)]);
    }

    /// <summary>The size that the current pool needs to take all traffic back: what it was when the deployment began.</summary>
    public static PoolPlan AsObserved(PoolPlan current, int ready) =>
        current with { Replicas = Math.Clamp(ready, Math.Max(1, current.Floor), Math.Max(current.Ceiling, Math.Max(1, current.Floor))) };
}
