using System.Net.Http.Headers;
using System.Text;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>What sets a cluster apart, and what a cluster that does not tell everything is good for.</summary>
public sealed class TraitsTests : LocalClusterTest
{
    private const string Webhooks = "apis/admissionregistration.k8s.io/v1";

    [Fact]
    public async Task A_cluster_tells_what_sets_it_apart()
    {
        var cluster = await Start(new ClusterOptions { Version = "1.33", Groups = ["cert-manager.io/v1", "cert-manager.io/v1alpha2"] });
        await Mark(cluster, """{"metadata":{"labels":{"pool":"fast"}},"spec":{"taints":[{"key":"gpu","value":"yes","effect":"NoSchedule"}]}}""");
        await Make(cluster, $"{Webhooks}/validatingwebhookconfigurations", """{"metadata":{"name":"guard"},"webhooks":[{"name":"guard.example.org"}]}""");
        await Make(
            cluster,
            $"{Webhooks}/mutatingwebhookconfigurations",
            """{"metadata":{"name":"sidecars"},"webhooks":[{"name":"sidecars.example.org","failurePolicy":"Ignore"}]}""");
        await MakeNetwork(cluster);

        var told = await Told();

        Assert.Equal((1, 33), (told.Version.Major, told.Version.Minor));
        Assert.Equal(
            [
                "admission mutating sidecars",
                "admission validating guard (fail)",
                "api cert-manager.io/v1",
                "kubernetes 1.33",
                "network cilium",
                told.Traits.Single(trait => trait.StartsWith("node architecture a", StringComparison.Ordinal)),
                "node kubelet 1.33",
                "node label pool",
                "node label topology.kubernetes.io/region",
                "node label topology.kubernetes.io/zone",
                "node os linux",
                "node runtime none 0",
                "node taint gpu:NoSchedule",
            ],
            told.Traits);
    }

    [Fact]
    public async Task Two_clusters_of_one_shape_have_the_same_traits_however_many_nodes_they_have()
    {
        await Start(new ClusterOptions { Nodes = 2 });
        var small = (await Told()).Traits;
        await Start(new ClusterOptions { Nodes = 600, Name = "large" });

        Assert.Equal(small, (await Told()).Traits);
    }

    [Fact]
    public async Task An_upgraded_control_plane_is_told_apart_from_the_kubelets_that_are_to_follow()
    {
        var cluster = await Start(new ClusterOptions { Version = "1.32" });
        var before = (await Told()).Traits;
        await cluster.Upgrade("1.33");

        var after = (await Told()).Traits;

        Assert.Equal(["kubernetes 1.33"], after.Except(before));
        Assert.Equal(["kubernetes 1.32"], before.Except(after));
        Assert.Contains("node kubelet 1.32", after);
    }

    [Fact]
    public async Task What_Fury_may_not_read_is_not_told_and_the_rest_is()
    {
        var cluster = await Start();
        await MakeNetwork(cluster);
        await Make(cluster, $"{Webhooks}/mutatingwebhookconfigurations", """{"metadata":{"name":"sidecars"},"webhooks":[]}""");
        var all = (await Told()).Traits;
        cluster.Access.Deny(new AccessRule("list", "validatingwebhookconfigurations"));
        cluster.Access.Deny(new AccessRule("list", "daemonsets"));

        var some = (await Told()).Traits;

        Assert.Equal(["admission not told"], some.Except(all));
        Assert.Equal(["network cilium"], all.Except(some));
        Assert.Contains("admission mutating sidecars", some);
    }

    [Fact]
    public async Task Without_its_nodes_a_cluster_has_no_traits()
    {
        var cluster = await Start();
        cluster.Access.Deny(new AccessRule("list", "nodes"));

        var refused = (await Desk.Traits(Name, default)).Fault;

        Assert.Equal((FaultKind.Forbidden, "nodes"), (refused?.Kind, refused?.Facts["resource"]));
    }

    private async Task<ClusterTraits> Told()
    {
        var told = await Desk.Traits(Name, default);
        Assert.True(told.IsOk, told.Fault?.ToString());
        return told.Value;
    }

    private static Task Mark(Cluster cluster, string patch) =>
        Send(cluster, HttpMethod.Patch, $"api/v1/nodes/{cluster.Nodes[1]}", patch, "application/merge-patch+json");

    private static Task Make(Cluster cluster, string path, string body) => Send(cluster, HttpMethod.Post, path, body, "application/json");

    private static Task MakeNetwork(Cluster cluster) => Make(cluster, "apis/apps/v1/namespaces/kube-system/daemonsets", """
        {"metadata":{"name":"cilium"},"spec":{"selector":{"matchLabels":{"app":"cilium"}},"template":{"metadata":{"labels":{"app":"cilium"}},
         "spec":{"containers":[{"name":"agent","image":"agent:1"}]}}}}
        """);

    private static async Task Send(Cluster cluster, HttpMethod method, string path, string body, string type)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(cluster.Address, path)) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
