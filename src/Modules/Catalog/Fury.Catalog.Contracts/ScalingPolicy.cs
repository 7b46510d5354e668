using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>
/// How the size of what a scope runs follows the clock and its requests, between its release's minimum and maximum. It is no part of a release: a change
/// takes effect at once, and going back to a release leaves it as it is.
/// </summary>
/// <param name="Schedules">At most 16. The one whose time came last holds: from then on so many replicas at least, until another's time comes.</param>
/// <param name="InFlightPerReplica">So many requests in flight are one replica's work, 1 to 10000; null: requests do not count.</param>
/// <param name="SleepAfterSeconds">After so long without a request it runs no replica until one comes, 10 to 86400; null: never.</param>
public sealed record ScalingPolicy(IReadOnlyList<ScalingSchedule> Schedules, int? InFlightPerReplica = null, int? SleepAfterSeconds = null)
{
    /// <summary>How the number of replicas follows what they are used for, where a replica is an instance; null: it has as many as its floor.</summary>
    public AutoscalePolicy? Autoscale { get; init; }

    /// <summary>How much may run on instances that can be taken away, where a replica is an instance; null: nothing.</summary>
    public SpotPolicy? Spot { get; init; }
}

/// <param name="Cron">Five fields: minute, hour, day of month, month, day of week.</param>
/// <param name="TimeZone">The IANA name of the zone that the fields are read in, e.g. <c>America/Sao_Paulo</c>.</param>
/// <param name="MinReplicas">0 to the scope's maximum of replicas. With 0 the release's own minimum holds, and the scope may sleep.</param>
public sealed record ScalingSchedule(string Cron, string TimeZone, int MinReplicas);
