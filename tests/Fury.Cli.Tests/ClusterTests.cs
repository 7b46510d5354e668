using Fury.Cli.CommandLine;

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
    }
}
