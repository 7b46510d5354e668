using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Xds;

internal static class EndpointRendering
{
    /// <summary>
    /// The pool's ready endpoints as one locality, since a pool is at one location. An empty assignment says "known, and nothing there", which
    /// ends a proxy's waiting; a locality without a weight would be left out by gRPC (https://github.com/grpc/grpc-java/pull/6875).
    /// </summary>
    public static ClusterLoadAssignment Assignment(string name, WeightedPool pool)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = name };
        if (pool.Endpoints.Count > 0)
        {
            assignment.Endpoints.Add(new LocalityLbEndpoints
            {
                Locality = LocalityOf(pool.Location),
                LoadBalancingWeight = (uint)pool.Endpoints.Count,
                LbEndpoints =
                {
                    pool.Endpoints.Select(endpoint => new LbEndpoint
                    {
                        HealthStatus = HealthStatus.Healthy,
                        Endpoint = new() { Address = AddressOf(endpoint.Address, endpoint.Port) },
                    }),
                },
            });
        }

        return assignment;
    }

    public static Address AddressOf(string address, int port) => new() { SocketAddress = new() { Address = address, PortValue = (uint)port } };

    /// <summary>provider/region/group as sub-zone, region and zone.</summary>
    private static Locality LocalityOf(string location) => location.Split('/') is [var provider, var region, var group]
        ? new() { Region = region, Zone = group, SubZone = provider }
        : new();
}
