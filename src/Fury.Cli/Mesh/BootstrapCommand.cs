using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Mesh;

/// <summary>What a foreign proxy is started with, so that it finds the control plane. Asks no host.</summary>
internal static class BootstrapCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static FuryCommand Create(Globals globals)
    {
        var kind = new Option<string>("--kind") { Description = "Who reads it.", DefaultValueFactory = _ => "envoy" }.AcceptOnlyFromAmong("envoy", "grpc");
        var proxy = new Option<string>("--proxy")
        {
            Description = "The proxy's name: one for each, and the same after a restart. A replica's id where there is one.",
            HelpName = "NAME",
            Required = true,
        };
        var plane = new Option<string>("--control-plane")
        {
            Description = "Where it connects to.",
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => "127.0.0.1:7082",
        };
        var outbound = new Option<int>("--outbound-port")
        {
            Description = "Where Envoy listens for its application, on 127.0.0.1.",
            HelpName = "PORT",
            DefaultValueFactory = _ => 15001,
        };
        var admin = new Option<int>("--admin-port") { Description = "Envoy's own pages, on 127.0.0.1.", HelpName = "PORT", DefaultValueFactory = _ => 15000 };
        var certificate = new Option<string?>("--certificate") { Description = "PEM file of its certificate; with it, TLS is spoken.", HelpName = "FILE" };
        var key = new Option<string?>("--certificate-key") { Description = "PEM file of the certificate's key.", HelpName = "FILE" };
        var authorities = new Option<string?>("--authorities") { Description = "PEM file of whom it trusts.", HelpName = "FILE" };
        return new FuryCommand(
                "bootstrap",
                "Writes the file that Envoy (-c) or gRPC (GRPC_XDS_BOOTSTRAP) starts with.",
                "fury mesh bootstrap -a shop -s production-web --proxy shop-web-1",
                "fury mesh bootstrap -a shop -s production-web --proxy shop-web-1 --kind grpc")
            .With(kind, proxy, plane, outbound, admin, certificate, key, authorities, globals.Application, globals.Scope)
            .Runs(globals, (call, _) =>
            {
                var name = call.Value(proxy)!;
                if (name.Length > 200)
                {
                    throw CommandFailure.Usage("--proxy must be 1 to 200 characters.");
                }

                var files = (call.Value(certificate), call.Value(key), call.Value(authorities));
                var tls = files switch
                {
                    (null, null, null) => null,
                    ({ } own, { } secret, { } trusted) => new Tls(own, secret, trusted),
                    _ => throw CommandFailure.Usage("--certificate, --certificate-key and --authorities belong together."),
                };
                var (host, port) = Address(call.Value(plane)!);
                var scope = call.Scope();
                var json = call.Value(kind) == "grpc"
                    ? Grpc(name, scope, host, port, tls)
                    : Envoy(name, scope, host, port, tls, call.Value(outbound), call.Value(admin));
                call.Out.WriteLine(json.ToJsonString(Indented));
                return Task.CompletedTask;
            });
    }

    /// <summary>https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md, certificates as in A65.</summary>
    private static JsonObject Grpc(string proxy, ScopeRef scope, string host, int port, Tls? tls) => new()
    {
        ["xds_servers"] = new JsonArray(new JsonObject
        {
            ["server_uri"] = $"{host}:{port}",
            ["channel_creds"] = new JsonArray(tls is null
                ? new JsonObject { ["type"] = "insecure" }
                : new JsonObject
                {
                    ["type"] = "tls",
                    ["config"] = new JsonObject
                    {
                        ["certificate_file"] = tls.Certificate,
                        ["private_key_file"] = tls.Key,
                        ["ca_certificate_file"] = tls.Authorities,
                    },
                }),
            ["server_features"] = new JsonArray("xds_v3"),
        }),
        // gRPC on Node demands a locality, be it an empty one.
        ["node"] = new JsonObject { ["id"] = proxy, ["cluster"] = scope.ToString(), ["locality"] = new JsonObject() },
    };

    /// <summary>https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto</summary>
    private static JsonObject Envoy(string proxy, ScopeRef scope, string host, int port, Tls? tls, int outbound, int admin) => new()
    {
        ["node"] = new JsonObject
        {
            ["id"] = proxy,
            ["cluster"] = scope.ToString(),
            ["metadata"] = new JsonObject { ["fury.outbound_port"] = outbound },
        },
        ["dynamic_resources"] = new JsonObject
        {
            ["ads_config"] = Api("DELTA_GRPC"),
            ["lds_config"] = SameStream(),
            ["cds_config"] = SameStream(),
        },
        ["cluster_manager"] = new JsonObject { ["load_stats_config"] = Api("GRPC") },
        ["static_resources"] = new JsonObject { ["clusters"] = new JsonArray(ControlPlane(host, port, tls)) },
        ["admin"] = new JsonObject { ["address"] = SocketAddress("127.0.0.1", admin) },
    };

    private static JsonObject Api(string type) => new()
    {
        ["api_type"] = type,
        ["transport_api_version"] = "V3",
        ["set_node_on_first_message_only"] = true,
        ["grpc_services"] = new JsonArray(new JsonObject { ["envoy_grpc"] = new JsonObject { ["cluster_name"] = "fury" } }),
    };

    private static JsonObject SameStream() => new() { ["ads"] = new JsonObject(), ["resource_api_version"] = "V3" };

    private static JsonObject ControlPlane(string host, int port, Tls? tls)
    {
        var cluster = new JsonObject
        {
            ["name"] = "fury",
            ["type"] = IPAddress.TryParse(host, out _) ? "STATIC" : "STRICT_DNS",
            ["connect_timeout"] = "1s",
            // A connection that has died without a word is found by these pings; without them a proxy would stay on old routes for hours.
            ["typed_extension_protocol_options"] = new JsonObject
            {
                ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = new JsonObject
                {
                    ["@type"] = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    ["explicit_http_config"] = new JsonObject
                    {
                        ["http2_protocol_options"] = new JsonObject
                        {
                            ["connection_keepalive"] = new JsonObject { ["interval"] = "10s", ["timeout"] = "5s" },
                        },
                    },
                },
            },
            ["load_assignment"] = new JsonObject
            {
                ["cluster_name"] = "fury",
                ["endpoints"] = new JsonArray(new JsonObject
                {
                    ["lb_endpoints"] = new JsonArray(new JsonObject { ["endpoint"] = new JsonObject { ["address"] = SocketAddress(host, port) } }),
                }),
            },
        };
        if (tls is not null)
        {
            cluster["transport_socket"] = new JsonObject
            {
                ["name"] = "envoy.transport_sockets.tls",
                ["typed_config"] = new JsonObject
                {
                    ["@type"] = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                    ["sni"] = host,
                    ["common_tls_context"] = new JsonObject
                    {
                        ["tls_certificates"] = new JsonArray(new JsonObject
                        {
                            ["certificate_chain"] = new JsonObject { ["filename"] = tls.Certificate },
                            ["private_key"] = new JsonObject { ["filename"] = tls.Key },
                        }),
                        ["validation_context"] = new JsonObject { ["trusted_ca"] = new JsonObject { ["filename"] = tls.Authorities } },
                    },
                },
            };
        }

        return cluster;
    }

    private static JsonObject SocketAddress(string address, int port) => new()
    {
        ["socket_address"] = new JsonObject { ["address"] = address, ["port_value"] = port },
    };

    private static (string Host, int Port) Address(string text) =>
        Uri.TryCreate($"http://{text}", UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", IsDefaultPort: false }
            ? (uri.DnsSafeHost, uri.Port)
            : throw CommandFailure.Usage($"--control-plane must be HOST:PORT, such as 127.0.0.1:7082, not '{text}'.");

    private sealed record Tls(string Certificate, string Key, string Authorities);
}
