using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Pools;

/// <summary>
/// Empties clusters that are to be left: first every pool's successors start elsewhere, so many at a time as the destinations have shown they can start;
/// and what a pool has in the cluster goes once as many are ready elsewhere as it wants. What has no place elsewhere stays where it is.
/// </summary>
internal sealed class Evacuator(IPoolStore store, PoolMover mover, ILogger<Evacuator> log)
{
    /// <param name="due">Clusters that are to be left.</param>
    public async Task Pass(Placer placer, IReadOnlyList<string> due, CancellationToken cancellation)
    {
        foreach (var cluster in due)
        {
            await Leave(placer, cluster, [.. (await store.In(cluster, cancellation)).Where(pool => pool.Phase == PoolPhase.Active)], cancellation);
        }

        // Also where the cluster has recovered meanwhile: what is under way is finished.
        foreach (var pool in await store.Evacuating(cancellation))
        {
            await mover.Move(pool, Settling.Relieve, cancellation);
        }
    }

    private async Task Leave(Placer placer, string cluster, IReadOnlyList<Pool> pools, CancellationToken cancellation)
    {
        var (ready, underWay) = (0, 0);
        foreach (var pool in pools.Where(pool => pool.ShareIn(cluster) is { Evacuating: true }))
        {
            ready += pool.ReadyToStay;
            underWay += Math.Max(0, pool.Wanted - pool.ReadyToStay);
        }

        var room = EvacuationSteps.Window(ready, failed: 0) - underWay;
        foreach (var pool in pools
            .Where(pool => pool.ShareIn(cluster) is { Stays: true })
            .OrderByDescending(pool => pool.Wanted)
            .ThenBy(pool => pool.Spec.Id.Value))
        {
            if (room <= 0)
            {
                return;
            }

            var moved = await mover.Place(placer, pool, cancellation, cluster);
            if (moved.IsOk)
            {
                room -= pool.ShareIn(cluster)!.Replicas;
            }
            else
            {
                log.LogDebug("Pool {Pool} stays in cluster {Cluster}, which is to be left: {Fault}", pool.Spec.Id, cluster, moved.Fault);
            }
        }
    }
}
