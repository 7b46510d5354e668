using System.Text.Json;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Fury.Xds;
using Google.Protobuf;

namespace Fury.Mesh.Tests;

/// <summary>What our server sends, as the official protos read it: byte for byte, in both protocols, for each kind of client.</summary>
public sealed class OfficialFramesTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly ScopeRef Caller = MeshHost.Scope("caller");

    /// <summary>Each must be found in what a client with a listener of its own is sent, by the names of the official protos.</summary>
    private static readonly string[] EverythingOfRoutes =
        ["weighted_clusters", "request_mirror_policies", "retry_policy", "hash_policy", "max_stream_duration", "x-fury-pool", "safe_regex", "timeout"];

    private static readonly string[] EverythingOfClusters =
        ["outlier_detection", "circuit_breakers", "retry_budget", "http2_protocol_options", "RING_HASH"];

    /// <summary>What a foreign client must be told of a cluster, and the sidecar knows; the second is for gRPC alone.</summary>
    private static readonly string[] ToldToForeigners = ["eds_cluster_config", "lrs_server"];

    [Theory]
    [InlineData("fury-sidecar")]
    [InlineData("gRPC C-core")]
    [InlineData("envoy")]
    public async Task Official_protos_read_every_frame(string agent)
    {
        var (one, two) = (await Mesh.ReadyPool(Scope, 2), await Mesh.ReadyPool(Scope));
        var policy = new TrafficPolicy(
            RequestTimeoutMs: 30_000,
            Http2: true,
            Preview: true,
            Retries: new(2, 20, 1000),
            Affinity: new(Cookie: "user"),
            Mirror: new(two, 10),
            Outliers: new(),
            CircuitBreakers: new());
        await Mesh.Policies.Keep(Scope, policy, default);
        await Mesh.Dependencies.Declare(Caller, [Scope], forget: false, default);
        await Mesh.Publish(Scope, 1, new PoolWeight(one, 90), new PoolWeight(two, 10));
        await Mesh.Feed.Refresh(default);

        var routes = agent == "envoy" ? MeshNames.Outbound : MeshNames.Of(Scope);
        string[] clusters = [MeshNames.Of(Scope, one), MeshNames.Of(Scope, two)];
        var node = new Node { Id = "reader", Cluster = $"{Caller}", UserAgentName = agent };
        Assert.Contains("http_connection_manager", Assert.Single(await Read(node, TypeUrls.Listener, [routes])), StringComparison.Ordinal);
        var route = Assert.Single(await Read(node, TypeUrls.RouteConfiguration, [routes]));
        var cluster = (await Read(node, TypeUrls.Cluster, clusters))[0];
        Assert.Contains("socket_address", (await Read(node, TypeUrls.ClusterLoadAssignment, clusters))[0], StringComparison.Ordinal);
        Assert.Equal(
            agent switch { "fury-sidecar" => [], "envoy" => ["eds_cluster_config"], _ => ToldToForeigners },
            ToldToForeigners.Where(part => cluster.Contains(part, StringComparison.Ordinal)));
        if (!agent.StartsWith("gRPC", StringComparison.Ordinal))
        {
            Assert.All(EverythingOfRoutes, part => Assert.Contains(part, route, StringComparison.Ordinal));
            Assert.All(EverythingOfClusters, part => Assert.Contains(part, cluster, StringComparison.Ordinal));
        }
    }

    /// <summary>The resources in JSON, which both protocols say alike; an Envoy asks for all there are of what it may.</summary>
    private async Task<IReadOnlyList<string>> Read(Node node, string type, string[] names)
    {
        var asked = node.UserAgentName == "envoy" && type is TypeUrls.Listener or TypeUrls.Cluster ? Array.Empty<string>() : names;
        var whole = await XdsQuestion.Ask(
            Mesh.Xds.Address,
            XdsMethods.StreamAggregatedResources,
            new DiscoveryRequest { Node = node, TypeUrl = type, ResourceNames = { asked } });
        var delta = await XdsQuestion.Ask(
            Mesh.Xds.Address,
            XdsMethods.DeltaAggregatedResources,
            new DeltaDiscoveryRequest { Node = node, TypeUrl = type, ResourceNamesSubscribe = { asked } });

        await OfficialProtos.Decode("envoy.service.discovery.v3.DiscoveryResponse", whole);
        await OfficialProtos.Decode("envoy.service.discovery.v3.DeltaDiscoveryResponse", delta);
        var said = await Decode(DiscoveryResponse.Parser.ParseFrom(whole).Resources.Select(resource => (resource.TypeUrl, resource.Value)));
        var saidByDelta = await Decode(
            DeltaDiscoveryResponse.Parser.ParseFrom(delta).Resources.Select(resource => (resource.Resource_.TypeUrl, resource.Resource_.Value)));
        Assert.Equal(names.Length, said.Count);
        Assert.Equal(said.Order(), saidByDelta.Order());
        return [.. said.Order()];

        async Task<IReadOnlyList<string>> Decode(IEnumerable<(string Type, ByteString Value)> resources)
        {
            List<string> read = [];
            foreach (var (url, value) in resources)
            {
                Assert.Equal(type, url);
                read.Add(JsonSerializer.Serialize(await OfficialProtos.Decode(url, value.Memory)));
            }

            return read;
        }
    }
}
