using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>What is to be asked of a cluster.</summary>
internal abstract record ShareMove(string Cluster)
{
    /// <summary>It has this share of the pool from now on.</summary>
    public sealed record Apply(Share Share) : ShareMove(Share.Cluster);

    /// <summary>It has nothing of the pool any more.</summary>
    public sealed record Remove(string Cluster) : ShareMove(Cluster);
}

/// <summary>From a pool's wish to its shares. Pure.</summary>
internal static class Settling
{
    /// <summary>The pause before replicas without a place are tried again.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private const string AnyCluster = "clusters";

    /// <summary>Whether there is nothing to do for it now and later, until it changes.</summary>
    public static bool IsSettled(Pool pool) => pool.Phase == PoolPhase.Retired || (pool.Placed == pool.Wish && pool.RetryAt is null);

    /// <summary>
    /// Where its replicas may go: the location's provider and region, and the cluster where it names one, since <c>clusters</c> stands for all of the region.
    /// </summary>
    public static Affinity AffinityOf(Location location) =>
        new([location.Provider], [location.Region], location.Group == AnyCluster ? [] : [location.Group]);

    /// <summary>Where a pool may be asked for because there is this cluster: anywhere in its region, or in it alone.</summary>
    public static IEnumerable<Location> LocationsOf(Cluster cluster) =>
        [new(cluster.Provider, cluster.Region, AnyCluster), new(cluster.Provider, cluster.Region, cluster.Name)];

    /// <param name="leaving">Clusters that it is to leave, beside those that it is leaving already.</param>
    public static PlacementRequest RequestOf(Pool pool, params IEnumerable<string> leaving) => new(
        pool.Spec.Id, pool.Spec.Release.Size, pool.Wanted, pool.Spec.Workload, pool.Spec.Criticality)
    {
        Affinities = [AffinityOf(pool.Spec.Location)],
        Spreads = [new(SpreadLevel.Cluster, 2, Hard: false), new(SpreadLevel.Zone, 3, Hard: false)],
        Current =
        [
            .. from share in pool.Shares
               where share.Stays
               from zone in share.Zones
               select new Placed(share.Cluster, zone.Key, zone.Value),
        ],
        Leaving = [.. leaving.Concat(pool.Shares.Where(share => share.Evacuating).Select(share => share.Cluster)).Distinct()],
        Seed = (uint)pool.Spec.Id.Value.GetHashCode(),
    };

    /// <summary>The pool as decided, and what is to be asked of clusters for it.</summary>
    /// <param name="leaving">Clusters that are left: what the pool has there stays until its successors are ready.</param>
    public static (Pool Pool, IReadOnlyList<ShareMove> Moves) Settle(
        Pool pool, Decision decision, DateTimeOffset now, params IEnumerable<string> leaving)
    {
        var left = leaving.ToHashSet(StringComparer.Ordinal);
        var wanted = decision.Placed
            .GroupBy(placed => placed.Cluster)
            .ToDictionary(group => group.Key, group => group.ToDictionary(placed => placed.Zone, placed => placed.Replicas));
        List<Share> shares = [];
        List<ShareMove> moves = [];
        foreach (var known in pool.Shares)
        {
            if (wanted.Remove(known.Cluster, out var zones))
            {
                var share = new Share(known.Cluster, zones, pool.Wish);
                shares.Add(share);
                if (known.Replicas != share.Replicas || known.Wish != pool.Wish || !known.Stays || known.Refused is not null)
                {
                    moves.Add(new ShareMove.Apply(share));
                }
            }
            else if (!known.Leaving && (known.Evacuating || left.Contains(known.Cluster)))
            {
                shares.Add(known with { Evacuating = true });
            }
            else
            {
                shares.Add(known with { Leaving = true });
                if (!known.Leaving)
                {
                    moves.Add(new ShareMove.Remove(known.Cluster));
                }
            }
        }

        foreach (var (cluster, zones) in wanted.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            shares.Add(new(cluster, zones, pool.Wish));
            moves.Add(new ShareMove.Apply(shares[^1]));
        }

        var size = pool.Spec.Release.Size;
        var unplaced = decision.Pending > 0
            ? new Fault(FaultKind.Exhausted, $"{decision.Explain()} Each asks for {size.CpuMillis} mCPU and {size.MemoryMiB} MiB.")
            : null;
        return (pool with { Shares = shares, Placed = pool.Wish, Unplaced = unplaced, RetryAt = unplaced is null ? null : now + RetryPause }, moves);
    }

    /// <summary>A pool that is let go leaves every cluster; with nothing in any it is gone.</summary>
    public static (Pool Pool, IReadOnlyList<ShareMove> Moves) LetGo(Pool pool) => (
        pool with
        {
            Shares = [.. pool.Shares.Select(share => share with { Leaving = true })],
            Placed = pool.Wish,
            Phase = pool.Shares.Count == 0 ? PoolPhase.Retired : pool.Phase,
        },
        [.. from share in pool.Shares where !share.Leaving select new ShareMove.Remove(share.Cluster)]);

    /// <summary>Whether the pool has as many ready replicas as it wants where they are to be.</summary>
    public static bool IsRelieved(Pool pool) => pool.Phase == PoolPhase.Active && pool.ReadyToStay >= pool.Wanted;

    /// <summary>What is evacuated goes, all at once, when the pool is relieved. Not a moment sooner.</summary>
    public static (Pool Pool, IReadOnlyList<ShareMove> Moves) Relieve(Pool pool)
    {
        var over = IsRelieved(pool)
            ? pool.Shares.Where(share => share is { Evacuating: true, Leaving: false }).ToList()
            : [];
        return (
            over.Aggregate(pool, (known, share) => known.With(share with { Leaving = true, Evacuating = false })),
            [.. over.Select(share => new ShareMove.Remove(share.Cluster))]);
    }

    /// <summary>The cluster has nothing of the pool any more.</summary>
    public static Pool Left(Pool pool, string cluster)
    {
        if (pool.ShareIn(cluster) is not { Leaving: true })
        {
            return pool;
        }

        var shares = pool.Shares.Where(share => share.Cluster != cluster).ToList();
        return pool with
        {
            Shares = shares,
            Replicas = [.. pool.Replicas.Where(replica => replica.Cluster != cluster)],
            Phase = pool.Phase == PoolPhase.Retiring && shares.Count == 0 ? PoolPhase.Retired : pool.Phase,
        };
    }
}
