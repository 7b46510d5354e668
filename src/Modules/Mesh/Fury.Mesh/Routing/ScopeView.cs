using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Xds;

namespace Fury.Mesh.Routing;

/// <summary>A scope's routes as the API shows them.</summary>
internal sealed record ScopeView(string Scope, string Host, long Version, IReadOnlyList<WeightedPool> Pools)
{
    public static ScopeView Of(RoutingTable table, IReadOnlyDictionary<PoolId, (string Location, IReadOnlyList<Endpoint> Endpoints)> pools) => new(
        table.Scope.ToString(),
        MeshNames.HostOf(table.Scope),
        table.Version,
        [
            .. from entry in table.Pools
               let pool = pools.GetValueOrDefault(entry.Pool, ("", []))
               select new WeightedPool(entry.Pool, entry.Weight, pool.Location, pool.Endpoints),
        ]);
}
