using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;

namespace Fury.Mesh.Endpoints;

/// <summary>Hears of pools and keeps their ready endpoints. Old news, and news that changes no endpoint, reaches no proxy.</summary>
internal sealed class PoolEndpoints(EndpointStore store, IWake wake) : IEventListener<PoolChanged>
{
    public async Task Handle(PoolChanged news, CancellationToken cancellation)
    {
        if (await store.Keep(news.Pool, ReadyIn(news.Pool), cancellation))
        {
            MeshMetrics.EndpointChanges.Add(1);
            wake.Reconciler(FeedReconciler.WakeName);
        }
    }

    /// <summary>Where the pool may be sent requests: nowhere once it retires. In one order, so that equal sets are equal lists.</summary>
    public static IReadOnlyList<Endpoint> ReadyIn(PoolState pool) =>
        pool.Phase != PoolPhase.Active
            ? []
            :
            [
                .. from replica in pool.Replicas
                   where replica is { Phase: ReplicaPhase.Ready, Address: not null }
                   orderby replica.Id.Value
                   select new Endpoint(replica.Id, replica.Address!, replica.Port, replica.Group),
            ];
}
