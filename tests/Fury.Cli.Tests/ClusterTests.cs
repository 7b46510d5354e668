using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>Clusters, as people register them and read of them.</summary>
public sealed class ClusterTests
{
    private const string One = """
        {"name":"local","provider":"local","region":"this-machine","zones":["main"],"criticality":"medium","phase":"active","health":"suspect",
         "why":"It was not seen yet.","access":"kubernetes /x"}
        """;

    [Fact]
    public async Task A_cluster_is_registered_with_the_full_path_of_its_access()
    {
        await using var api = await FakeApi.Start();
        api.Answers("PUT", "/api/v1/clusters/local", One);

        var run = await InProcess.Run(
            api, "cluster", "add", "local", "--provider", "local", "--region", "this-machine", "--zone", "a", "--zone", "b", "--kubeconfig", "k.yaml");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("is registered", run.Out, StringComparison.Ordinal);
        var body = Assert.Single(api.Requests).Body;
        Assert.Contains($"\"kubeconfig\":\"{Path.GetFullPath("k.yaml")}\"", body, StringComparison.Ordinal);
        Assert.Contains("\"zones\":[\"a\",\"b\"]", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_says_how_each_is()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/clusters", $$"""{"items":[{{One}}],"next":null}""");

        var run = await InProcess.Run(api, "cluster", "list");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("local/this-machine", run.Out, StringComparison.Ordinal);
        Assert.Contains("suspect", run.Out, StringComparison.Ordinal);
        Assert.Contains("It was not seen yet.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_forgotten_is_said_to_be_and_one_that_is_in_use_is_not()
    {
        await using var api = await FakeApi.Start();
        api.On("DELETE", "/api/v1/clusters/old", context => FakeApi.Write(context, 204, ""));
        api.Answers("DELETE", "/api/v1/clusters/local", """{"status":409,"title":"Pools have replicas there."}""", 409);

        var gone = await InProcess.Run(api, "cluster", "remove", "old");
        var used = await InProcess.Run(api, "cluster", "remove", "local");

        Assert.Equal((ExitCode.Ok, "Cluster old is forgotten.\n"), (gone.ExitCode, gone.Out));
        Assert.Equal("", used.Out);
        Assert.Contains("Pools have replicas there.", used.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Ok, used.ExitCode);
    }

    [Fact]
    public async Task Versions_of_agents_are_told_scope_by_scope_and_with_when_the_oldest_instance_is_of()
    {
        const string Page = """
            {"items":[{"scope":"shop/production-web","instances":3,"oldestAt":"2026-01-01T00:00:00Z"},
            {"version":"1.4.0","scope":"shop/production-web","instances":12,"oldestAt":"2026-01-02T00:00:00Z"}],"next":"shop/production-web 1.4.0"}
            """;
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/agents/versions", Page);
        api.Answers("GET", "/api/v1/agents/versions?after=shop%2Fproduction-web%201.4.0&limit=2", """{"items":[],"next":null}""");

        var list = await InProcess.Run(api, "agent", "versions");
        var wide = await InProcess.Run(api, "agent", "versions", "-o", "wide");
        var json = await InProcess.Run(api, "agent", "versions", "-o", "json");
        var yaml = await InProcess.Run(api, "agent", "versions", "-o", "yaml");
        var rest = await InProcess.Run(api, "agent", "versions", "--limit", "2", "--after", "shop/production-web 1.4.0");

        Assert.Equal(
            """
            SCOPE                AGENT  INSTANCES
            shop/production-web  -      3
            shop/production-web  1.4.0  12
            There are more: --after shop/production-web 1.4.0

            """,
            list.Out);
        Assert.Contains("shop/production-web  -      3          2026-01-01 00:00:00Z", wide.Out, StringComparison.Ordinal);
        Assert.Equal(Page + "\n", json.Out);
        Assert.Contains("scope: shop/production-web", yaml.Out, StringComparison.Ordinal);
        Assert.Equal("No instance has an agent.\n", rest.Out);
    }

    [Fact]
    public async Task Each_pool_is_explained_whether_clusters_were_chosen_for_it_or_not()
    {
        var (placed, alone) = (Given.Pool, PoolId.New(TimeProvider.System));
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/applications/hello/scopes/production-web/status", new ScopeStatus(
            Given.Scope, new Uri("http://production-web.hello.localhost:7081"), null, null, 1, [Pool(placed, "clusters"), Pool(alone, "instances")], null));
        api.Answers("GET", $"/api/v1/placements/{placed}", """{"text":"2 in local/main.","decision":{"pending":0}}""");

        string[] explain = ["explain", "-a", "hello", "-s", "production-web"];
        var told = await InProcess.Run(api, explain);
        var json = await InProcess.Run(api, [.. explain, "-o", "json"]);

        Assert.Equal(
            """
            1.0.0 at local/this-machine/clusters: 2 in local/main.
            1.0.0 at local/this-machine/instances: Each replica is an instance of its own; no cluster was chosen.

            """,
            told.Out);
        Assert.Equal("""{"text":"2 in local/main.","decision":{"pending":0}}""" + "\nnull\n", json.Out);

        static PoolStatus Pool(PoolId id, string group) =>
            new(id, Given.Release, VersionName.Parse("1.0.0"), $"local/this-machine/{group}", "active", 100, 2, 2, [], 0, 0, 0, 0, null);
    }
}
