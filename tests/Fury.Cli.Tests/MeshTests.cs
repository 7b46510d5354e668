using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Testing;

namespace Fury.Cli.Tests;

/// <summary>What a person reads of the mesh, and what foreign proxies are started with.</summary>
public sealed class MeshTests
{
    [Fact]
    public async Task The_status_names_who_is_behind_and_why()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/mesh/status", """
            {"revision":42,"hosts":[{"host":"one","live":true,"revision":42,"heardAt":"2026-11-26T10:00:00+00:00","proxies":3}],
             "connectedProxies":3,"goneProxies":1,
             "behind":[{"scope":"production-web.shop","proxy":"shop-web-1","stage":"rejected","since":"2026-11-26T10:00:00+00:00",
                        "detail":"Route production-web.shop: weights look odd"}]}
            """);

        var run = await InProcess.Run(api, "mesh", "status");

        Assert.Equal(
            """
            revision  42
            proxies   3 connected, 1 gone

            HOST  LIVE  REVISION  HEARD                 PROXIES
            one   yes   42        2026-11-26 10:00:00Z  3

            SCOPE                PROXY       STAGE     SINCE                 WHY
            production-web.shop  shop-web-1  rejected  2026-11-26 10:00:00Z  Route production-web.shop: weights look odd

            """,
            run.Out);
    }

    [Fact]
    public async Task Routes_show_the_finest_weights_as_they_are()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/mesh/routes", """
            {"items":[{"scope":"shop/production-web","host":"production-web.shop.localhost","version":7,"pools":[
              {"pool":"one","weight":99.75,"location":"","endpoints":[]},{"pool":"two","weight":0.25,"location":"","endpoints":[]}]}]}
            """);

        var run = await InProcess.Run(api, "mesh", "routes");

        Assert.Equal(
            """
            SCOPE                HOST                           VERSION  POOLS
            shop/production-web  production-web.shop.localhost  7        one 99.75 % (0 ready), two 0.25 % (0 ready)

            """,
            run.Out);
    }

    [Fact]
    public async Task A_difference_comes_first()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/mesh/proxies/shop-web-1", """
            {"proxy":{"proxy":"shop-web-1","scope":"production-web.shop","agent":"envoy 1.30.0","host":"one","uses":["a.b"],
                      "connectedAt":"2026-11-26T10:00:00+00:00"},"isSame":false,
             "resources":[{"type":"cluster","name":"a.b/1","has":"01","should":"01","sent":"01"},
                          {"type":"route","name":"outbound","has":"02","should":"03","sent":"03","rejected":"no such cluster"}]}
            """);

        var run = await InProcess.Run(api, "mesh", "diff", "shop-web-1");

        Assert.Equal(
            """
            It differs:
            TYPE     NAME      HAS  SHOULD  SENT  REFUSED
            route    outbound  02   03      03    no such cluster
            cluster  a.b/1     01   01      01    -

            """,
            run.Out);
    }

    [Fact]
    public async Task A_proxy_that_is_gone_is_forgotten_by_name()
    {
        await using var api = await FakeApi.Start();
        api.Answers("DELETE", "/api/v1/mesh/proxies/a b", "");

        var run = await InProcess.Run(api, "mesh", "forget", "a b");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal("DELETE", Assert.Single(api.Requests).Method);
    }

    [Fact]
    public async Task Envoy_is_told_where_the_control_plane_is_and_who_it_is()
    {
        await using var api = await FakeApi.Start();
        var run = await InProcess.Run(
            api, "mesh", "bootstrap", "-a", "shop", "-s", "production-web", "--proxy", "shop-web-1", "--control-plane", "10.0.0.7:7082",
            "--certificate", "/c.pem", "--certificate-key", "/k.pem", "--authorities", "/a.pem");

        Assert.InRange(await OfficialProtos.Check("envoy.config.bootstrap.v3.Bootstrap", run.Out), 50, 100);
        using var json = JsonDocument.Parse(run.Out);
        var root = json.RootElement;
        Assert.Equal("shop/production-web", root.GetProperty("node").GetProperty("cluster").GetString());
        Assert.Equal("DELTA_GRPC", root.GetProperty("dynamic_resources").GetProperty("ads_config").GetProperty("api_type").GetString());
        var cluster = root.GetProperty("static_resources").GetProperty("clusters")[0];
        Assert.Equal("STATIC", cluster.GetProperty("type").GetString());
        Assert.Equal("/c.pem", cluster.GetProperty("transport_socket").GetProperty("typed_config").GetProperty("common_tls_context")
            .GetProperty("tls_certificates")[0].GetProperty("certificate_chain").GetProperty("filename").GetString());
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_client_of_gRPC_is_told_what_each_implementation_demands()
    {
        await using var api = await FakeApi.Start();
        var run = await InProcess.Run(api, "mesh", "bootstrap", "-a", "shop", "-s", "production-web", "--proxy", "one", "--kind", "grpc");

        using var json = JsonDocument.Parse(run.Out);
        var node = json.RootElement.GetProperty("node");
        Assert.Equal("one", node.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Object, node.GetProperty("locality").ValueKind);
        Assert.Equal(
            "insecure", json.RootElement.GetProperty("xds_servers")[0].GetProperty("channel_creds")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("--control-plane", "nowhere", "--control-plane must be HOST:PORT")]
    [InlineData("--certificate", "/c.pem", "belong together")]
    public async Task A_bootstrap_that_cannot_work_is_refused(string option, string value, string expected)
    {
        await using var api = await FakeApi.Start();
        var run = await InProcess.Run(api, "mesh", "bootstrap", "-a", "shop", "-s", "production-web", "--proxy", "one", option, value);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
