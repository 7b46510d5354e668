using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Xds;

internal static class EndpointRendering
{
    /// <summary>
    /// The pool's ready endpoints, a locality for each group that has some, and each locality weighs as many as it has, so that every endpoint gets
    /// the same. An empty assignment says "known, and nothing there", which ends a proxy's waiting; a locality without a weight would be left out by
    /// gRPC (https://github.com/grpc/grpc-java/pull/6875).
    /// </summary>
    public static ClusterLoadAssignment Assignment(string name, WeightedPool pool)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = name };
        foreach (var group in pool.Endpoints.GroupBy(endpoint => endpoint.Group).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            assignment.Endpoints.Add(new LocalityLbEndpoints
            {
                Locality = LocalityOf(pool.Location, group.Key),
                LoadBalancingWeight = (uint)group.Count(),
                LbEndpoints =
                {
                    group.Select(endpoint => new LbEndpoint
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

    /// <summary>provider/region/group as sub-zone, region and zone. A group is a locality also where the rest is not known.</summary>
    private static Locality LocalityOf(string location, string? group) => location.Split('/') is [var provider, var region, var own]
        ? new() { Region = region, Zone = group ?? own, SubZone = provider }
        : new() { Zone = group ?? "" };
}
