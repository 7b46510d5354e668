using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Xds;

/// <summary>A scope as it is to be rendered.</summary>
internal sealed record MeshScope(ScopeRef Scope, IReadOnlyList<WeightedPool> Pools, TrafficPolicy Policy)
{
    /// <summary>Whether requests are held while no pool has an endpoint; only Fury's sidecar is told.</summary>
    public bool Holds { get; init; }
}

/// <summary>From a scope to resources. Pure; what is as it was is the same object.</summary>
internal static class Rendering
{
    /// <summary>
    /// Stands in for gRPC where nothing serves a scope: a pool that never has endpoints, so that calls fail as unavailable. gRPC knows no direct
    /// response, and a route without a cluster ends the process of a client on Node (grpc-js-xds 1.14.1).
    /// </summary>
    private static readonly WeightedPool Nothing = new(default, 100, "", []);

    public static RenderedScope Of(MeshScope scope, Dialect dialect, RenderedScope? earlier)
    {
        if (dialect == Dialect.Grpc && !scope.Pools.Any(pool => pool.Weight > 0))
        {
            scope = scope with { Pools = [.. scope.Pools, Nothing] };
        }

        var name = MeshNames.Of(scope.Scope);
        var host = RouteRendering.Host(scope, dialect);
        var isEnvoy = dialect == Dialect.Envoy;
        return new(
            isEnvoy ? null : new XdsResource(name, ListenerRendering.Api(name)).OrSame(earlier?.Listener),
            isEnvoy ? null : new XdsResource(name, RouteRendering.Routes(name, [host])).OrSame(earlier?.Route),
            isEnvoy ? host : null,
            [.. scope.Pools.Select(pool => Same(earlier, XdsType.Cluster, ClusterOf(scope, pool, dialect)))],
            [.. scope.Pools.Select(pool => Same(earlier, XdsType.Endpoint, EndpointsOf(scope, pool)))],
            [.. from pool in scope.Pools where pool.Weight > 0 select MeshNames.Of(scope.Scope, pool.Pool)]);
    }

    internal static Duration Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToDuration();

    private static XdsResource ClusterOf(MeshScope scope, WeightedPool pool, Dialect dialect)
    {
        var name = MeshNames.Of(scope.Scope, pool.Pool);
        return new(name, ClusterRendering.Cluster(name, scope.Policy, dialect));
    }

    private static XdsResource EndpointsOf(MeshScope scope, WeightedPool pool)
    {
        var name = MeshNames.Of(scope.Scope, pool.Pool);
        return new(name, EndpointRendering.Assignment(name, pool), isEmpty: pool.Endpoints.Count == 0);
    }

    private static XdsResource Same(RenderedScope? earlier, XdsType type, XdsResource now) => now.OrSame(earlier?.Find(type, now.Name));
}
