namespace Fury.Compute.Contracts;

/// <summary>What requests to the replicas of one location met lately, summed over all that sent any.</summary>
/// <param name="At">When the newest of it was put on record, by the database's clock.</param>
/// <param name="Requests">
/// Attempts that tell whether the location can be reached: those that were answered, whatever the status, and <paramref name="Failed"/>.
/// </param>
/// <param name="Failed">
/// Of these, attempts that could not connect. An error that an application answers, a time that runs out and a connection that breaks are no part
/// of it, so that no bug of an application can condemn the place where it runs.
/// </param>
public sealed record LocationSeen(Location Location, DateTimeOffset At, long Requests, long Failed);

/// <summary>A witness of places: whoever carries requests to replicas says where they arrive.</summary>
public interface IDataPlane
{
    /// <summary>How far back it looks.</summary>
    static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>One entry for each location that was sent requests within <see cref="Window"/>; there is nothing to say of the others.</summary>
    Task<IReadOnlyList<LocationSeen>> Seen(CancellationToken cancellation);
}
