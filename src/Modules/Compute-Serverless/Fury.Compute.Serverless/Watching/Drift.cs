using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Watching;

/// <summary>Where a cluster and the record differ.</summary>
/// <param name="Missing">Pools that are to have replicas in the cluster, and of which it knows nothing.</param>
/// <param name="Orphans">Pools of ours in the cluster that are not to be there.</param>
internal sealed record Drift(IReadOnlySet<PoolId> Missing, IReadOnlySet<PoolId> Orphans)
{
    public static Drift None { get; } = new(new HashSet<PoolId>(), new HashSet<PoolId>());

    /// <summary>The cluster is asked before the record, so that a pool that was recorded in between is no orphan.</summary>
    public static Drift Between(string cluster, IReadOnlyList<ClusterPool> there, IReadOnlyList<Pool> recorded)
    {
        var wanted = recorded.Where(pool => pool.Phase == PoolPhase.Active && pool.ShareIn(cluster) is { Leaving: false, Refused: null, Replicas: > 0 });
        return new(
            wanted.Select(pool => pool.Spec.Id).Except(there.Select(pool => pool.Id)).ToHashSet(),
            there.Where(pool => !pool.IsRemoving).Select(pool => pool.Id).Except(recorded.Select(pool => pool.Spec.Id)).ToHashSet());
    }

    /// <summary>What was so at two looks in a row: at one, a saga may be about to change it.</summary>
    public Drift Lasting(Drift before) => new(Missing.Intersect(before.Missing).ToHashSet(), Orphans.Intersect(before.Orphans).ToHashSet());
}
