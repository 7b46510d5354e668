using System.Text.Json;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Xds.Tests.Wire;

/// <summary>Messages that we have serialised, read by the official protos.</summary>
public sealed class OfficialReadingTests
{
    [Fact]
    public async Task A_listener_of_the_state_of_the_world_is_opened_to_its_innermost_part()
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = "checkout",
            Rds = new Rds { RouteConfigName = "checkout", ConfigSource = new ConfigSource { Ads = new(), ResourceApiVersion = ApiVersion.V3 } },
            HttpFilters = { new HttpFilter { Name = "router", TypedConfig = Any.Pack(new Router { SuppressEnvoyHeaders = true }) } },
        };
        var listener = new Listener { Name = "checkout", ApiListener = new ApiListener { ApiListener_ = Any.Pack(manager) } };

        var read = await Read(new DiscoveryResponse { VersionInfo = "7", TypeUrl = TypeUrls.Listener, Nonce = "n", Resources = { Any.Pack(listener) } });

        AssertJson(
            """
            {
              "version_info": "7",
              "resources": [{
                "name": "checkout",
                "api_listener": { "api_listener": {
                  "stat_prefix": "checkout",
                  "rds": { "config_source": { "ads": {}, "resource_api_version": "V3" }, "route_config_name": "checkout" },
                  "http_filters": [{
                    "name": "router",
                    "typed_config": {
                      "suppress_envoy_headers": true,
                      "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" }
                  }],
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
                } },
                "@type": "type.googleapis.com/envoy.config.listener.v3.Listener"
              }],
              "type_url": "type.googleapis.com/envoy.config.listener.v3.Listener",
              "nonce": "n"
            }
            """,
            read);
    }

    [Fact]
    public async Task A_delta_response_of_joined_pieces_is_one_message()
    {
        var route = new RouteConfiguration
        {
            Name = "checkout",
            VirtualHosts =
            {
                new VirtualHost
                {
                    Name = "checkout",
                    Domains = { "*" },
                    Routes = { new Route { Match = new RouteMatch { Prefix = "/" }, Route_ = Split(("blue", 90), ("green", 10)) } },
                },
            },
        };
        byte[] bytes =
        [
            .. new DeltaDiscoveryResponse { Resources = { new Resource { Name = "checkout", Version = "v2", Resource_ = Any.Pack(route) } } }.ToByteArray(),
            .. new DeltaDiscoveryResponse { RemovedResources = { "gone" } }.ToByteArray(),
            .. new DeltaDiscoveryResponse { TypeUrl = TypeUrls.RouteConfiguration, Nonce = "9" }.ToByteArray(),
        ];

        var read = await OfficialProtos.Decode(DeltaDiscoveryResponse.Descriptor.FullName, bytes);

        Assert.Equal(("9", "gone"), (read.GetProperty("nonce").GetString(), read.GetProperty("removed_resources")[0].GetString()));
        var resource = read.GetProperty("resources")[0];
        Assert.Equal("v2", resource.GetProperty("version").GetString());
        AssertJson(
            """[{ "name": "blue", "weight": { "value": 90 } }, { "name": "green", "weight": { "value": 10 } }]""",
            resource.GetProperty("resource").GetProperty("virtual_hosts")[0].GetProperty("routes")[0].GetProperty("route")
                .GetProperty("weighted_clusters").GetProperty("clusters"));
    }

    [Fact]
    public async Task Endpoints_and_load_reports_are_read()
    {
        var endpoint = new LbEndpoint
        {
            Endpoint = new Endpoint { Address = new Address { SocketAddress = new SocketAddress { Address = "127.0.0.2", PortValue = 8080 } } },
            HealthStatus = HealthStatus.Draining,
        };
        var assignment = await Read(new ClusterLoadAssignment
        {
            ClusterName = "blue",
            Endpoints = { new LocalityLbEndpoints { LbEndpoints = { endpoint }, LoadBalancingWeight = 1, Priority = 2 } },
        });
        var report = await Read(new LoadStatsRequest
        {
            ClusterStats =
            {
                new ClusterStats
                {
                    ClusterName = "blue",
                    LoadReportInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.5)),
                    UpstreamLocalityStats =
                    {
                        new UpstreamLocalityStats
                        {
                            TotalIssuedRequests = ulong.MaxValue,
                            LoadMetricStats = { new EndpointLoadMetricStats { MetricName = "m", NumRequestsFinishedWithMetric = 2, TotalMetricValue = 0.5 } },
                        },
                    },
                },
            },
        });

        AssertJson(
            """
            {
              "cluster_name": "blue",
              "endpoints": [{
                "lb_endpoints": [{
                  "endpoint": { "address": { "socket_address": { "address": "127.0.0.2", "port_value": 8080 } } },
                  "health_status": "DRAINING"
                }],
                "load_balancing_weight": { "value": 1 },
                "priority": 2
              }]
            }
            """,
            assignment);
        AssertJson(
            """
            {
              "cluster_stats": [{
                "cluster_name": "blue",
                "upstream_locality_stats": [{
                  "load_metric_stats": [{ "metric_name": "m", "num_requests_finished_with_metric": "2", "total_metric_value": 0.5 }],
                  "total_issued_requests": "18446744073709551615"
                }],
                "load_report_interval": { "seconds": "1", "nanos": 500000000 }
              }]
            }
            """,
            report);
    }

    [Theory]
    [InlineData("an unknown field", new byte[] { 0x0A, 0x01, (byte)'x', 0x82, 0x7D, 0x01, (byte)'x' }, "of the 7 bytes")]
    [InlineData("no protobuf", new byte[] { 0x0F }, "index out of range")]
    public async Task What_the_official_protos_do_not_understand_is_told(string what, byte[] bytes, string why)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => OfficialProtos.Decode(TypeUrls.Cluster, bytes));

        Assert.True(failure.Message.Contains(why), $"{what}: {failure.Message}");
    }

    private static RouteAction Split(params (string Cluster, uint Weight)[] parts) => new()
    {
        WeightedClusters = new WeightedCluster
        {
            Clusters = { parts.Select(part => new WeightedCluster.Types.ClusterWeight { Name = part.Cluster, Weight = part.Weight }) },
        },
    };

    private static Task<JsonElement> Read(IMessage message) => OfficialProtos.Decode(message.Descriptor.FullName, message.ToByteArray());

    /// <summary>The order of properties is nobody's promise.</summary>
    private static void AssertJson(string expected, JsonElement actual)
    {
        using var wanted = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, actual), actual.ToString());
    }
}
