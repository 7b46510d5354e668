using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Scaling;

/// <summary>
/// What was seen of a scope's pools, pass after pass. It is kept in memory: whoever begins anew takes the size that it finds for a peak of just now.
/// </summary>
/// <param name="Pool">The first of them: others come only with it.</param>
/// <param name="Min">Of the pools' release.</param>
/// <param name="Max">Likewise.</param>
internal sealed record Watch(PoolId Pool, int Min, int Max)
{
    private Demand Demand { get; init; } = Demand.None;

    private DateTimeOffset QuietSince { get; init; }

    private long Requests { get; init; }

    private bool WasAsleep { get; init; }

    private ScalingPolicy? Scaling { get; init; }

    private Scheduled Scheduled { get; init; } = new(0, null);

    /// <summary>What the engine has been asked for, and when it was last seen to have it; null while it has not.</summary>
    public (Floor Floor, DateTimeOffset At)? Reached { get; init; }

    /// <summary>A first look at the pools.</summary>
    public static Watch Begin(IReadOnlyList<PoolState> pools, Release release, ScalingPolicy? scaling, DateTimeOffset now)
    {
        var watch = new Watch(pools[0].Id, release.MinReplicas, release.MaxReplicas) { QuietSince = now }.With(scaling, now);
        var floor = pools.Sum(pool => pool.Spec.Floor);
        var isDemand = floor > Math.Max(watch.Min, watch.Scheduled.Replicas);
        return isDemand ? watch with { Demand = Demand.None.With(now, floor * (scaling?.InFlightPerReplica ?? 0)) } : watch;
    }

    /// <summary>The next look.</summary>
    public Watch Saw(ScalingPolicy? scaling, IReadOnlyList<PoolTraffic> traffic, bool isAsleep, DateTimeOffset now)
    {
        var (inFlight, requests) = (traffic.Sum(pool => pool.InFlight), traffic.Sum(pool => pool.Requests));
        var isQuiet = inFlight == 0 && requests == Requests && !isAsleep && !WasAsleep;
        return With(scaling, now) with
        {
            Demand = Demand.With(now, inFlight),
            QuietSince = isQuiet ? QuietSince : now,
            Requests = requests,
            WasAsleep = isAsleep,
        };
    }

    public Floor FloorAt(DateTimeOffset now, bool maySleep = true) => Floors.Of(
        new(Scaling, Min, Max, Scheduled.Replicas, Demand.Most(now), maySleep ? now - QuietSince : TimeSpan.Zero, WasAsleep));

    /// <summary>Times are looked for when one has come, or the setting is another; not in each pass.</summary>
    private Watch With(ScalingPolicy? scaling, DateTimeOffset now)
    {
        var isSame = (scaling?.Schedules ?? []).SequenceEqual(Scaling?.Schedules ?? []);
        return this with
        {
            Scaling = scaling,
            Reached = scaling?.Autoscale == Scaling?.Autoscale && scaling?.Spot == Scaling?.Spot ? Reached : null,
            Scheduled = isSame && (Scheduled.Until is not { } until || now < until) ? Scheduled : Schedules.At(scaling?.Schedules ?? [], now),
        };
    }
}
