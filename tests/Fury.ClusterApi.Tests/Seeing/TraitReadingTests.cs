using System.Net;
using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;

namespace Fury.ClusterApi.Tests.Seeing;

/// <summary>From what a cluster says, or does not say, to its traits.</summary>
public sealed class TraitReadingTests
{
    private const string NotServed = "404 page not found";

    private static readonly ClusterVersion Version = new(1, 33, "v1.33.5-eks-113cf36", new Dictionary<string, string>());

    [Fact]
    public void A_node_tells_what_it_is_made_of_and_how_it_is_marked_and_not_how_it_is_now()
    {
        var traits = NodeTraits.Read(JsonElement.Parse("""
            {"metadata": {"name": "ip-10-0-0-1", "labels": {"kubernetes.io/hostname": "ip-10-0-0-1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64",
               "beta.kubernetes.io/arch": "arm64", "karpenter.sh/nodepool": "fast", "node-role.kubernetes.io/worker": ""}},
             "spec": {"unschedulable": true, "taints": [
               {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}, {"key": "dedicated", "value": "gpu", "effect": "NoExecute"},
               {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"},
               {"key": "node.cloudprovider.kubernetes.io/uninitialized", "effect": "NoSchedule"},
               {"key": "ToBeDeletedByClusterAutoscaler", "value": "1700000000", "effect": "NoSchedule"}]},
             "status": {"nodeInfo": {"kubeletVersion": "v1.33.5-eks-113cf36", "containerRuntimeVersion": "containerd://2.0.4+bottlerocket",
               "architecture": "arm64", "operatingSystem": "linux", "osImage": "Bottlerocket OS 1.20"}}}
            """));

        Assert.Equal(
            [
                "node kubelet 1.33", "node runtime containerd 2", "node architecture arm64", "node os linux", "node label karpenter.sh/nodepool",
                "node label node-role.kubernetes.io/worker", "node taint dedicated:NoSchedule", "node taint dedicated:NoExecute",
            ],
            traits);
    }

    [Theory]
    [InlineData("v1.29+", "node kubelet 1.29")]
    [InlineData("1.30.1", "node kubelet 1.30")]
    [InlineData("v1", null)]
    [InlineData("v1.x", null)]
    [InlineData("v99999999999999.1", null)]
    [InlineData("newest", null)]
    public void A_kubelet_whose_version_cannot_be_read_tells_none(string version, string? trait) => Assert.Equal(
        trait is null ? [] : [trait], NodeTraits.Read(JsonElement.Parse($$$"""{"status": {"nodeInfo": {"kubeletVersion": "{{{version}}}"}} }""")));

    [Theory]
    [InlineData("cri-o://1.33.1", "node runtime cri-o 1")]
    [InlineData("docker://20.10.7", "node runtime docker 20")]
    [InlineData("containerd://Unknown", "node runtime containerd")]
    [InlineData("containerd", null)]
    [InlineData("://2", null)]
    public void A_runtime_is_its_name_and_its_major_version(string version, string? trait) => Assert.Equal(
        trait is null ? [] : [trait], NodeTraits.Read(JsonElement.Parse($$$"""{"status": {"nodeInfo": {"containerRuntimeVersion": "{{{version}}}"}} }""")));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"metadata": null, "spec": [], "status": "Ready"}""")]
    [InlineData("""{"metadata": {"labels": ["a"]}, "spec": {"taints": {}}, "status": {"nodeInfo": []}}""")]
    [InlineData("""{"spec": {"taints": [null, {}, 1, {"key": "a"}, {"effect": "NoSchedule"}]}, "status": {"nodeInfo": {"architecture": 64}}}""")]
    public void A_node_that_says_nothing_has_no_traits(string node) => Assert.Empty(NodeTraits.Read(JsonElement.Parse(node)));

    [Fact]
    public void Only_groups_that_are_not_of_Kubernetes_itself_are_told()
    {
        var traits = TraitReading.Apis(JsonElement.Parse("""
            {"groups": [{"name": "apps", "preferredVersion": {"version": "v1"}}, {"name": "extensions"}, null, {}, {"name": 3}, "cilium.io",
              {"name": "networking.k8s.io", "preferredVersion": {"version": "v1"}}, {"name": "cluster.x-k8s.io", "preferredVersion": {"version": "v1beta1"}},
              {"name": "cert-manager.io", "versions": [{"version": "v1alpha2"}, {"version": "v1"}], "preferredVersion": {"version": "v1"}},
              {"name": "argoproj.io", "versions": [{}, {"version": "v1alpha1"}]}, {"name": "nothing.example.org", "versions": {}, "preferredVersion": []}]}
            """));

        Assert.Equal(["api cluster.x-k8s.io/v1beta1", "api cert-manager.io/v1", "api argoproj.io/v1alpha1", "api nothing.example.org"], traits);
    }

    [Fact]
    public void A_webhook_is_told_with_what_becomes_of_requests_while_it_is_away()
    {
        var traits = TraitReading.Admission("mutating", Page(
            """{"metadata": {"name": "hard"}, "webhooks": [{"failurePolicy": "Ignore"}, {"failurePolicy": "Fail"}]}""",
            """{"metadata": {"name": "soft"}, "webhooks": [{"failurePolicy": "Ignore"}]}""",
            """{"metadata": {"name": "by-default"}, "webhooks": [{}]}""",
            """{"metadata": {"name": "empty"}, "webhooks": {}}""",
            """{"webhooks": [{}]}""",
            "null"));

        Assert.Equal(
            ["admission mutating hard (fail)", "admission mutating soft", "admission mutating by-default (fail)", "admission mutating empty"], traits);
    }

    [Fact]
    public void A_network_is_known_by_its_name_only()
    {
        var traits = TraitReading.Network(Page(
            """{"metadata": {"name": "calico-node"}}""", """{"metadata": {"name": "kube-proxy"}}""", """{"metadata": {}}""", "7"));

        Assert.Equal(["network calico"], traits);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "{}", new[] { "admission not told" })]
    [InlineData(HttpStatusCode.ServiceUnavailable, "", new[] { "admission not told" })]
    [InlineData(HttpStatusCode.NotFound, NotServed, new string[0])]
    public void What_is_not_told_is_a_trait_of_its_own_and_what_is_not_there_is_none(HttpStatusCode status, string body, string[] admission)
    {
        var fault = KubeFaults.Of(status, body, new KubeSelection(KubeResource.ValidatingWebhooks).Page(1, null));

        Assert.Equal(admission, TraitReading.Admission("validating", fault));
        Assert.Equal(["api not told"], TraitReading.Apis(fault));
        Assert.Empty(TraitReading.Network(fault));
    }

    [Fact]
    public void Traits_are_told_once_and_in_order_whatever_the_order_in_which_they_were_read() => Assert.Equal(
        ["api a.io/v1", "kubernetes 1.33", "node label B", "node label a", "node os linux"],
        TraitReading.Of(Version, ["node os linux", "node label a", "api a.io/v1", "node os linux", "node label B"]).Traits);

    [Fact]
    public void As_many_as_may_be_told_are_told_and_of_more_it_is_said_that_there_are()
    {
        string[] read = [.. Labels(ClusterTraits.TraitsMax - 1)];
        var (full, above) = (TraitReading.Of(Version, read), TraitReading.Of(Version, Labels(100_000).Append("node taint gpu:NoSchedule").Reverse()));

        Assert.Equal(read.Append("kubernetes 1.33").Order(StringComparer.Ordinal), full.Traits);
        Assert.Equal(ClusterTraits.TraitsMax, above.Traits.Count);
        Assert.Equal(above.Traits.Order(StringComparer.Ordinal), above.Traits);
        Assert.Empty(new[] { "kubernetes 1.33", "node taint gpu:NoSchedule", ClusterTraits.More, "node label 000000" }.Except(above.Traits));
        Assert.DoesNotContain("node label 099999", above.Traits);
    }

    [Fact]
    public void A_trait_is_one_line_of_bounded_length()
    {
        var traits = TraitReading.Of(Version, ["node os a\r\nb", $"api {new string('x', 1000)}", $"node os {new string('y', 190)}😀😀😀"]).Traits;

        Assert.Equal(
            [$"api {new string('x', ClusterTraits.TraitLengthMax - 5)}…", "kubernetes 1.33", "node os a  b", $"node os {new string('y', 190)}…"], traits);
        Assert.All(traits, trait => Assert.True(trait.Length <= ClusterTraits.TraitLengthMax));
    }

    private static IEnumerable<string> Labels(int count) => Enumerable.Range(0, count).Select(index => $"node label {index:d6}");

    private static KubePage Page(params string[] items) => new([.. items.Select(item => JsonElement.Parse(item))], null, "1");
}
