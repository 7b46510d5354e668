using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Xds;

/// <summary>Listeners never change while traffic moves: a changed one drains its connections.</summary>
internal static class ListenerRendering
{
    private const string Manager = "envoy.filters.network.http_connection_manager";
    private const string Router = "envoy.filters.http.router";

    /// <summary>For a client that is its own proxy: no address, only where its routes are.</summary>
    public static Listener Api(string name) => new() { Name = name, ApiListener = new() { ApiListener_ = Any.Pack(Connections(name)) } };

    /// <summary>Envoy's one listener for everything that leaves its application.</summary>
    public static Listener Outbound(string address, int port) => new()
    {
        Name = MeshNames.Outbound,
        Address = EndpointRendering.AddressOf(address, port),
        FilterChains = { new FilterChain { Filters = { new Filter { Name = Manager, TypedConfig = Any.Pack(Connections(MeshNames.Outbound)) } } } },
        TrafficDirection = Envoy.Config.Core.V3.TrafficDirection.Outbound,
    };

    private static HttpConnectionManager Connections(string routes) => new()
    {
        StatPrefix = routes,
        Rds = new() { RouteConfigName = routes, ConfigSource = ClusterRendering.SameStream },
        HttpFilters = { new HttpFilter { Name = Router, TypedConfig = Any.Pack(new Router()) } },
        // Streams may be silent for as long as they like; Envoy's own default ends them after five minutes.
        StreamIdleTimeout = new Duration(),
    };
}
