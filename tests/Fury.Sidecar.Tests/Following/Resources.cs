using System.Security.Cryptography;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Xds;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Sidecar.Tests.Following;

/// <summary>Resources as the mesh writes them for sidecars.</summary>
internal static class Resources
{
    public const string Scope = "production-web.shop";

    public static string Cluster(PoolId pool, string scope = Scope) => $"{scope}/{pool}";

    public static Resource Listener(string scope = Scope) => Of(scope, new Listener
    {
        Name = scope,
        ApiListener = new()
        {
            ApiListener_ = Any.Pack(new HttpConnectionManager { Rds = new() { RouteConfigName = scope, ConfigSource = new() { Ads = new() } } }),
        },
    });

    public static Resource Route(string scope, params (PoolId Pool, int Weight)[] pools) => Of(scope, new RouteConfiguration
    {
        Name = scope,
        VirtualHosts =
        {
            new VirtualHost
            {
                Name = scope,
                Domains = { $"{scope}.localhost", scope },
                Routes = { new Route { Match = new() { Prefix = "/" }, Route_ = new() { WeightedClusters = Weights(scope, pools) } } },
            },
        },
    });

    /// <summary>A route that leads by something the sidecar does not do.</summary>
    public static Resource BadRoute(string scope) => Of(scope, new RouteConfiguration
    {
        Name = scope,
        VirtualHosts =
        {
            new VirtualHost { Name = scope, Domains = { scope }, Routes = { new Route { Match = new() { Path = "/only" }, Route_ = new() } } },
        },
    });

    public static Resource PoolCluster(PoolId pool, string scope = Scope) => Of(Cluster(pool, scope), new Cluster
    {
        Name = Cluster(pool, scope),
        Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
        EdsClusterConfig = new() { ServiceName = Cluster(pool, scope) },
    });

    public static Resource Endpoints(PoolId pool, params int[] ports) => Endpoints(pool, Scope, ports);

    public static Resource Endpoints(PoolId pool, string scope, int[] ports)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = Cluster(pool, scope) };
        assignment.Endpoints.Add(new LocalityLbEndpoints
        {
            LbEndpoints =
            {
                ports.Select(port => new LbEndpoint
                {
                    Endpoint = new() { Address = new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)port } } },
                }),
            },
        });
        return Of(assignment.ClusterName, assignment);
    }

    public static string TypeOf(Resource resource) => resource.Resource_.TypeUrl;

    public static WeightedCluster Weights(string scope, params (PoolId Pool, int Weight)[] pools) => new()
    {
        Clusters =
        {
            pools.Select(pool => new WeightedCluster.Types.ClusterWeight { Name = Cluster(pool.Pool, scope), Weight = (uint)pool.Weight }),
        },
    };

    public static Resource Of(string name, IMessage message)
    {
        var body = Any.Pack(message);
        return new() { Name = name, Version = Convert.ToHexStringLower(SHA256.HashData(body.Value.Span))[..16], Resource_ = body };
    }

    /// <summary>Additions first, in the order of make before break.</summary>
    public static readonly string[] Order = [TypeUrls.Cluster, TypeUrls.ClusterLoadAssignment, TypeUrls.Listener, TypeUrls.RouteConfiguration];
}
