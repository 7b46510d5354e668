using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Snapshots;

/// <summary>What a proxy is told of a scope, from its table and the endpoints of its pools. Pure.</summary>
internal static class SnapshotBuilder
{
    /// <summary>
    /// A pool that the table names and that has no endpoint (any more) keeps its entry, so that its weight is not forgotten.
    /// </summary>
    public static ScopeRoutes Build(ScopeRef scope, IReadOnlyList<PoolWeight> table, Func<PoolId, IReadOnlyList<Endpoint>> endpoints) =>
        new(scope, [HostOf(scope)], [.. table.Select(entry => new WeightedPool(entry.Pool, entry.Weight, endpoints(entry.Pool)))]);

    /// <summary>Names under <c>localhost</c> are loopback on every machine (RFC 6761 §6.3), so they need no DNS.</summary>
    public static string HostOf(ScopeRef scope) => $"{scope.Scope}.{scope.Application}.localhost";
}
