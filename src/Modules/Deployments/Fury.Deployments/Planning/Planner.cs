using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>Where a scope is to run.</summary>
/// <param name="Share">Its percent of the scope's traffic.</param>
internal sealed record Place(Location Location, decimal Share);

/// <summary>What is asked of a plan beside its release, as it was admitted.</summary>
/// <param name="Steps">Instead of the strategy's own; empty for those.</param>
/// <param name="Places">Of a first deployment; empty for the platform's first location.</param>
internal sealed record Route(IReadOnlyList<Step> Steps, IReadOnlyList<Place> Places)
{
    public static Route Usual { get; } = new([], []);

    /// <summary>Of a migration.</summary>
    public Relocation? Relocation { get; init; }
}

/// <param name="From">Null where the scope runs at one location.</param>
/// <param name="ReplicaRatio">How many replicas there do the work of one here.</param>
internal sealed record Relocation(Location? From, Location To, decimal ReplicaRatio = 1);

/// <summary>A step as it was wished, checked.</summary>
/// <param name="Locations">Empty: everywhere.</param>
internal sealed record Step(
    decimal Weight, Gate Gate, int MinSeconds, int DeadlineSeconds, OnFail OnFail, decimal Capacity, IReadOnlyList<Location> Locations);

/// <summary>A pool that serves the scope, and how many of its replicas are ready.</summary>
internal sealed record Standing(PoolPlan Pool, int Ready);

/// <summary>What a plan is made from.</summary>
/// <param name="Current">What the scope runs now; empty before its first deployment.</param>
/// <param name="Floor">What the scope's scaling asks for now, over all its locations; the release's own minimum holds where that is more.</param>
/// <param name="Fresh">Ids that nobody has used, one for each candidate at least.</param>
internal sealed record Situation(Release Release, IReadOnlyList<Standing> Current, int Floor, IReadOnlyList<PoolId> Fresh)
{
    /// <summary>Of the scope's application.</summary>
    public string Team { get; init; } = "";

    /// <summary>Of the scope.</summary>
    public Criticality Criticality { get; init; }

    /// <summary>What it meets now; null where that was not looked at.</summary>
    public PresentTraffic? Traffic { get; init; }
}

/// <summary>Strategy + policy + present state → plan. Pure.</summary>
internal static class Planner
{
    private const string Clusters = "clusters";

    /// <summary>Where a scope's first pool goes when nobody says where; later ones go where the current one is.</summary>
    public static Location FirstLocation { get; } = new("local", "this-machine", InstancesGroup);

    /// <summary>The last part of every location where one replica is one instance.</summary>
    public const string InstancesGroup = "instances";

    public static ComputeKind ComputeOf(Location location) =>
        location.Group == InstancesGroup ? ComputeKind.Standard : ComputeKind.Serverless;

    /// <summary>Refuses, as <see cref="FaultKind.Conflict"/> or <see cref="FaultKind.Invalid"/>, what the present state does not allow.</summary>
    public static Outcome<Plan> Of(Strategy strategy, Policy policy, Route route, Situation now) =>
        LanesOf(route, now).Then(lanes => Cells.Of(strategy, policy, route.Steps, lanes, now.Traffic).Then<Plan>(cells => new Plan(lanes, cells)));

    /// <summary>The size that the current pool needs to take all traffic back: what it was when the deployment began.</summary>
    public static PoolPlan AsObserved(PoolPlan current, int ready) =>
        current with { Replicas = Math.Clamp(ready, Math.Max(1, current.Floor), Math.Max(current.Ceiling, Math.Max(1, current.Floor))) };

    private static Outcome<Lane[]> LanesOf(Route route, Situation now)
    {
        if (now.Current.Count == 0)
        {
            return route.Relocation is null ? FirstLanes(route, now) : Fault.Conflict("The scope runs nothing yet, so there is nothing to migrate.");
        }

        if (route.Relocation is not { } relocation)
        {
            return now.Current.Select((one, index) => Replacing(one, WhereNext(now.Release, one.Pool), now, index)).ToArray();
        }

        var leaving = relocation.From is { } from
            ? now.Current.FirstOrDefault(one => one.Pool.Location == from)
            : now.Current.Count == 1 ? now.Current[0] : null;
        var known = string.Join(", ", now.Current.Select(one => one.Pool.Location));
        return leaving is null ? Fault.Invalid("from", relocation.From?.ToString(), $"one of {known}, where the scope runs")
            : leaving.Pool.Location == relocation.To ? Fault.Invalid("to", relocation.To, "another location than it leaves")
            : now.Current.Select(one => one == leaving ? Moving(one, relocation, now) : new Lane(Observed(one), null)).ToArray();
    }

    /// <summary>Where it is, unless the scope's compute kind was set to another since: then beside it in its region.</summary>
    private static Location WhereNext(Release release, PoolPlan current) =>
        release.Compute == (current.Asked ?? current.Compute)
            ? current.Location
            : current.Location with { Group = release.Compute == ComputeKind.Serverless ? Clusters : InstancesGroup };

    private static Lane[] FirstLanes(Route route, Situation now)
    {
        var first = now.Release.Compute == ComputeKind.Serverless ? FirstLocation with { Group = Clusters } : FirstLocation;
        var places = route.Places.Count > 0 ? route.Places : [new(first, 100)];
        return [.. places.Select((place, index) => new Lane(null, Candidate(now, index, place.Location, place.Share, observed: 0)))];
    }

    private static Lane Replacing(Standing current, Location location, Situation now, int index) =>
        new(Observed(current), Candidate(now, index, location, current.Pool.Share, current.Ready));

    private static Lane Moving(Standing leaving, Relocation relocation, Situation now)
    {
        var observed = (int)Math.Ceiling(Observed(leaving).Replicas * relocation.ReplicaRatio);
        return new(Observed(leaving), Candidate(now, 0, relocation.To, leaving.Pool.Share, observed));
    }

    private static PoolPlan Observed(Standing current) => AsObserved(current.Pool, current.Ready);

    /// <summary>It opens at the size that is seen and not at the minimum; floors are divided as the traffic is.</summary>
    private static PoolPlan Candidate(Situation now, int index, Location location, decimal share, int observed)
    {
        var release = now.Release;
        var ceiling = Math.Max(release.MinReplicas, release.MaxReplicas);
        var floor = Math.Clamp(Math.Max(release.MinReplicas, PartOf(now.Floor, share)), release.MinReplicas, ceiling);
        return new(
            now.Fresh[index],
            release.Id,
            release.Version,
            ComputeOf(location),
            location,
            Math.Clamp(observed, floor, ceiling),
            floor,
            release.MaxReplicas)
        {
            Share = share,
            Asked = release.Compute,
        };
    }

    private static int PartOf(int floor, decimal share) => (int)Math.Ceiling(floor * share / 100);
}
