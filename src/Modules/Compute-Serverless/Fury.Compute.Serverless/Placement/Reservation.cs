using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// So many replicas of a pool are promised room in a cluster: counted absolutely, the ones that run included. What is deducted is
/// only what is not seen bound yet, since the bound ones have made their holes smaller themselves.
/// </summary>
/// <param name="Zones">Replicas by the name of the zone.</param>
/// <param name="Bound">How many of the pool's were seen bound in the cluster.</param>
/// <param name="ExpiresAt">From then on the cluster's next report ends it, whatever that shows.</param>
internal sealed record Reservation(
    PoolId Pool,
    string Cluster,
    InstanceSize Size,
    IReadOnlyDictionary<string, int> Zones,
    int Bound,
    DateTimeOffset GrantedAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>Longer than a node takes to come and an image to be pulled.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(10);

    public int Replicas => Zones.Values.Sum();

    public int Outstanding => Math.Max(0, Replicas - Bound);
}

/// <summary>What one batch changes, written whole or not at all.</summary>
internal sealed class ReservationChanges
{
    public Dictionary<(PoolId Pool, string Cluster), Reservation> Kept { get; } = [];

    public HashSet<(PoolId Pool, string Cluster)> Gone { get; } = [];

    public Dictionary<PoolId, Decision> Decisions { get; } = [];

    public HashSet<PoolId> Retired { get; } = [];

    public bool None => Kept.Count == 0 && Gone.Count == 0 && Decisions.Count == 0 && Retired.Count == 0;

    public void Keep(Reservation reservation)
    {
        Gone.Remove((reservation.Pool, reservation.Cluster));
        Kept[(reservation.Pool, reservation.Cluster)] = reservation;
    }

    public void Drop(PoolId pool, string cluster)
    {
        Kept.Remove((pool, cluster));
        Gone.Add((pool, cluster));
    }

    public void Decide(Decision decision)
    {
        Retired.Remove(decision.Pool);
        Decisions[decision.Pool] = decision;
    }

    /// <summary>Nobody will ask about it any more.</summary>
    public void Retire(PoolId pool)
    {
        Decisions.Remove(pool);
        Retired.Add(pool);
    }
}

/// <summary>Promises that survive the one who made them. Every member is atomic.</summary>
internal interface IReservationStore
{
    /// <summary>
    /// Makes this fence the one that counts and reads all promises, in one transaction: what an earlier holder still writes comes before it or
    /// is refused. <see cref="FaultKind.Stale"/> when a higher one has been here.
    /// </summary>
    Task<Outcome<Reservation[]>> TakeOver(long fence, CancellationToken cancellation);

    /// <summary>
    /// Writes all of it, or nothing; the same again changes nothing. <see cref="FaultKind.Stale"/> when a higher fence has been here. When it
    /// throws, it may have been written or not: only reading tells.
    /// </summary>
    Task<Outcome> Write(long fence, ReservationChanges changes, CancellationToken cancellation);

    /// <summary>All promises, ordered by pool and cluster.</summary>
    Task<IReadOnlyList<Reservation>> List(CancellationToken cancellation);

    /// <summary>The last decision for the pool; null when there was none, or when it is retired.</summary>
    Task<Decision?> FindDecision(PoolId pool, CancellationToken cancellation);
}
