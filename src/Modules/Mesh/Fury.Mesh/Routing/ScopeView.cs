using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Snapshots;

namespace Fury.Mesh.Routing;

/// <summary>A scope's routes as the API shows them.</summary>
internal sealed record ScopeView(string Scope, string Host, long Version, IReadOnlyList<WeightedPool> Pools)
{
    public static ScopeView Of(RoutingTable table, IReadOnlyDictionary<PoolId, IReadOnlyList<Endpoint>> endpoints)
    {
        var routes = SnapshotBuilder.Build(table.Scope, table.Pools, pool => endpoints.GetValueOrDefault(pool, []));
        return new(table.Scope.ToString(), routes.Hosts[0], table.Version, routes.Pools);
    }
}
