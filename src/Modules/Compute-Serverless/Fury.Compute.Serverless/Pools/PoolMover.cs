using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Changes where a pool's replicas are to be, and starts the sagas that ask clusters for it: the pool and its sagas in one transaction.</summary>
internal sealed class PoolMover(IPoolStore store, ILittleMonster monster, TimeProvider clock)
{
    /// <param name="leaving">Its way out of clusters that are to be left. Then it moves only when all of it has a place elsewhere.</param>
    public async Task<Outcome<Pool>> Place(Placer placer, Pool pool, CancellationToken cancellation, PlannedMove? leaving = null)
    {
        var request = leaving?.Request ?? Settling.RequestOf(pool);
        var decided = await placer.Place(request, cancellation, leaving?.Decision);
        if (decided is { IsOk: true, Value: { Pending: > 0 } stuck } && leaving is not null)
        {
            return new Fault(FaultKind.Exhausted, stuck.Explain());
        }

        return await decided.Then(decision => Move(
            pool, known => Settling.Settle(known, decision, clock.GetUtcNow(), leaving is null ? [] : request.Leaving), cancellation));
    }

    public async Task<Outcome<Pool>> LetGo(Placer placer, Pool pool, CancellationToken cancellation)
    {
        var retired = await placer.Retire(pool.Spec.Id, cancellation);
        return await retired.Then(_ => Move(pool, Settling.LetGo, cancellation));
    }

    /// <summary>Lets one replica go; its cluster starts another in its place. The record and the saga that tells the cluster are one transaction.</summary>
    public Task<Outcome<Pool>> Replace(PoolId id, InstanceId replica, CancellationToken cancellation) => store.Change(
        id,
        async (tx, known) =>
        {
            var wished = Wishes.Replace(known, id, replica);
            if (!wished.IsOk || wished.Value == known)
            {
                return wished;
            }

            var sick = wished.Value.Find(replica)!;
            var order = new ReplicaOrder(id, sick.Cluster, sick.Name, sick.Id);
            var started = await monster.Start<EndReplica, ReplicaOrder>(tx, $"end/{replica}/{clock.GetUtcNow().UtcTicks}", order, cancellation);
            return started.IsOk ? wished : started.Fault;
        },
        cancellation);

    /// <summary>Not for a pool whose wish has changed since it was read: that one is looked at again.</summary>
    public Task<Outcome<Pool>> Move(
        Pool read, Func<Pool, (Pool Pool, IReadOnlyList<ShareMove> Moves)> decide, CancellationToken cancellation) => store.Change(
        read.Spec.Id,
        async (tx, known) =>
        {
            if (known is null || known.Wish != read.Wish || known.Phase != read.Phase)
            {
                return Fault.Stale($"Pool '{read.Spec.Id}' has changed meanwhile.");
            }

            var (pool, moves) = decide(known);
            foreach (var move in moves)
            {
                var order = new ShareOrder(pool.Spec.Id, move.Cluster, pool.Wish);
                var started = move is ShareMove.Apply
                    ? await monster.Start<ApplyShare, ShareOrder>(tx, $"apply/{order.Key}/{Stamp(pool)}", order, cancellation)
                    : await monster.Start<RemoveShare, ShareOrder>(tx, $"remove/{order.Key}/{Stamp(pool)}", order, cancellation);
                if (!started.IsOk)
                {
                    return started.Fault;
                }
            }

            return pool;
        },
        cancellation);

    /// <summary>Each time that a pool is placed is another question to its clusters, also under the same wish.</summary>
    private string Stamp(Pool pool) => $"{pool.Wish}/{clock.GetUtcNow().UtcTicks}";
}
