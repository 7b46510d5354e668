using System.Net;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>What pods use, and what becomes of one that runs out of memory.</summary>
public sealed class MeasureTests : OnCluster
{
    private const string Measures = "apis/metrics.k8s.io/v1beta1";

    private protected override ClusterOptions Options => new() { Nodes = 1 };

    [Fact]
    public async Task Only_pods_of_which_something_is_known_are_measured_and_selectors_hold()
    {
        await Runs("one", "a");
        await Runs("two", "b");
        await Runs("three", "b");
        Cluster.Metrics.Set("default", "one", cpuMillis: 5, memoryBytes: 1 << 20);
        Cluster.Metrics.Set("default", "two", cpuMillis: 7, memoryBytes: 2 << 20);

        var all = await Api.Get($"{Measures}/pods");
        var some = await Api.Get($"{Measures}/namespaces/default/pods?labelSelector=app=b");
        var two = (await Api.Get($"{Measures}/namespaces/default/pods/two")).Body;

        Assert.Equal(["one", "two"], all.Names);
        Assert.Equal(["two"], some.Names);
        Assert.Empty((await Api.Get($"{Measures}/namespaces/other/pods")).Names);
        Assert.Equal(("7m", "2048Ki"), (Usage(two).Text("cpu"), Usage(two).Text("memory")));
        Assert.Equal(HttpStatusCode.NotFound, (await Api.Get($"{Measures}/namespaces/default/pods/three")).Code);
    }

    [Fact]
    public async Task What_is_measured_can_only_be_read_and_is_no_part_of_what_pods_are()
    {
        await Runs("one", "a");
        Cluster.Access.Deny(new("list", "pods"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Api.Get($"{Measures}/namespaces/default/pods?watch=true")).Code);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Api.Post($"{Measures}/namespaces/default/pods", "{}")).Code);
        Assert.Equal(HttpStatusCode.OK, (await Api.Get($"{Measures}/namespaces/default/pods")).Code);
        Cluster.Access.Deny(new("list", "pods.metrics.k8s.io"));
        Assert.Equal(HttpStatusCode.Forbidden, (await Api.Get($"{Measures}/namespaces/default/pods")).Code);
    }

    [Fact]
    public async Task A_pod_that_runs_out_of_memory_is_restarted_and_says_why()
    {
        await Runs("one", "a");

        Assert.True(Cluster.RunOutOfMemory("default", "one"));
        Assert.False(Cluster.RunOutOfMemory("default", "none"));

        var container = (await Api.Get($"{Client.Pods}/one")).Body.Array("status", "containerStatuses")![0];
        Assert.Equal(("OOMKilled", 137L), (container.Text("lastState", "terminated", "reason"), container.Number("lastState", "terminated", "exitCode")));
        Assert.Equal((1L, true), (container.Number("restartCount"), container.Text("state", "running", "startedAt") is not null));
    }

    private static JsonObject? Usage(JsonNode measured) => measured.Array("containers")![0].Object("usage");

    private async Task Runs(string name, string app)
    {
        await Api.Post(Client.Pods, $$$"""
            {"metadata": {"name": "{{{name}}}", "labels": {"app": "{{{app}}}"}}, "spec": {"containers": [{"name": "app", "image": "any"}]}}
            """);
        await Eventually.True(async () => (await Api.Get($"{Client.Pods}/{name}")).Body.Text("status", "phase") == "Running");
    }
}
