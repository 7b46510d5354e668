using Fury.Catalog.Contracts;

namespace Fury.Deployments.Scaling;

/// <summary>How small a scope's pool may be now. A pool that sleeps has no replica.</summary>
internal readonly record struct Floor(int Replicas, bool Sleeps);

/// <summary>What decides it.</summary>
/// <param name="Scaling">The scope's; null when its size follows nothing.</param>
/// <param name="Min">Of the pool's release, at least 1.</param>
/// <param name="Max">Likewise, at least <paramref name="Min"/>.</param>
/// <param name="Scheduled">What <see cref="Schedules"/> ask for.</param>
/// <param name="InFlight">The most requests in flight of <see cref="Demand.Window"/>.</param>
/// <param name="Quiet">For how long there was no request.</param>
internal sealed record Moment(ScalingPolicy? Scaling, int Min, int Max, int Scheduled, int InFlight, TimeSpan Quiet, bool IsAsleep);

/// <summary>The one decision about a scope's size: what is its floor now? Pure.</summary>
internal static class Floors
{
    /// <summary>
    /// What sleeps goes on sleeping until somebody wakes it, or its scope may not sleep any more: by its setting, or because a schedule wants replicas.
    /// </summary>
    public static Floor Of(Moment now) =>
        now.Scaling?.SleepAfterSeconds is { } patience && now.Scheduled == 0 && (now.IsAsleep || now.Quiet >= TimeSpan.FromSeconds(patience))
            ? new(0, Sleeps: true)
            : new(Awake(now.Scaling, now.Min, now.Max, now.Scheduled, now.InFlight), Sleeps: false);

    /// <summary>The floor while it does not sleep: what the clock and the requests ask for, between the release's minimum and maximum.</summary>
    public static int Awake(ScalingPolicy? scaling, int min, int max, int scheduled, int inFlight)
    {
        var demanded = scaling?.InFlightPerReplica is { } perReplica ? (int)(((long)inFlight + perReplica - 1) / perReplica) : 0;
        return Math.Clamp(Math.Max(scheduled, demanded), min, Math.Max(min, max));
    }

    /// <summary>The part of a scope's floor that is the pool's which gets a share of its traffic: never none, but while it sleeps.</summary>
    public static Floor PartOf(Floor floor, decimal share) =>
        floor with { Replicas = floor.Sleeps ? 0 : Math.Max(1, (int)Math.Ceiling(floor.Replicas * share / 100)) };
}
