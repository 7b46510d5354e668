using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Scaling;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Scopes;

/// <summary>What a scope runs now, put together from engine, mesh and the deployments' own record.</summary>
internal sealed class ScopeView(ICatalog catalog, World world, IDeploymentStore store, ScalingStore scaling)
{
    public async Task<Outcome<ScopeStatus>> Status(ScopeRef scope, CancellationToken cancellation)
    {
        var known = await catalog.FindScope(scope, cancellation);
        if (!known.IsOk)
        {
            return known.Fault;
        }

        var row = await store.FindScope(scope, cancellation);
        var current = row is { Current: [var first, ..] } ? first : null;
        var running = row?.InProgress is { } id ? await store.Find(id, cancellation) : null;
        var table = await world.Tables.Current(scope, cancellation);
        var pools = (await Task.WhenAll(world.Engines.Select(engine => engine.List(scope, cancellation)))).SelectMany(found => found).ToList();
        var traffic = (await world.Tables.Traffic([.. pools.Select(pool => pool.Id)], cancellation)).ToDictionary(one => one.Pool);
        return new ScopeStatus(
            scope,
            world.Tables.Address(scope),
            current?.Release,
            current?.Version,
            table.Version,
            [.. pools.Select(pool => Of(pool, table, traffic.GetValueOrDefault(pool.Id) ?? PoolTraffic.None(pool.Id)))],
            running is { Ended: false } ? running.ToDeployment() : null)
        {
            AsleepSince = (await scaling.Find(scope, cancellation))?.AsleepSince,
        };
    }

    private static PoolStatus Of(PoolState pool, RoutingTable table, PoolTraffic traffic) => new(
        pool.Id,
        pool.Spec.Release.Id,
        pool.Spec.Release.Version,
        pool.Spec.Location.ToString(),
        Word.Of(pool.Phase),
        table.Pools.FirstOrDefault(weight => weight.Pool == pool.Id)?.Weight ?? 0,
        pool.Ready,
        pool.Spec.Replicas,
        [.. pool.Replicas.Select(Of)],
        traffic.Requests,
        traffic.Errors,
        traffic.Failures,
        traffic.InFlight,
        pool.Problem?.Message);

    private static ReplicaStatus Of(ReplicaState replica) =>
        new(replica.Id, Word.Of(replica.Phase), replica.Address, replica.Port, replica.Restarts, replica.Reason);
}
