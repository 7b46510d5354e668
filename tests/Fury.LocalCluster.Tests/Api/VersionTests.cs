using System.Net;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>Which versions of kinds a cluster serves is what Kubernetes of that version served, and one object is the same in all of them.</summary>
public sealed class VersionTests
{
    [Theory]
    [InlineData("1.22", "autoscaling", "v1 v2beta2")]
    [InlineData("1.25", "autoscaling", "v2 v1 v2beta2")]
    [InlineData("1.26", "autoscaling", "v2 v1")]
    [InlineData("1.34", "autoscaling", "v2 v1")]
    [InlineData("1.22", "policy", "v1 v1beta1")]
    [InlineData("1.24", "policy", "v1 v1beta1")]
    [InlineData("1.25", "policy", "v1")]
    [InlineData("1.22", "batch", "v1 v1beta1")]
    [InlineData("1.25", "batch", "v1")]
    [InlineData("1.22", "discovery.k8s.io", "v1 v1beta1")]
    [InlineData("1.34", "discovery.k8s.io", "v1")]
    [InlineData("1.34", "apps", "v1")]
    public async Task Groups_are_served_in_the_versions_of_then(string version, string group, string served)
    {
        await using var cluster = await Cluster.Start(new() { Version = version, Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        var answer = await api.Get($"apis/{group}");
        Assert.Equal(served, string.Join(' ', answer.Body.Array("versions")!.Select(item => item.Text("version"))));
        Assert.Equal(served.Split(' ')[0], answer.Body.Text("preferredVersion", "version"));
    }

    [Fact]
    public async Task What_is_not_served_is_not_found()
    {
        await using var cluster = await Cluster.Start(new() { Version = "1.34", Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        var answer = await api.Get("apis/policy/v1beta1/namespaces/default/poddisruptionbudgets");
        Assert.Equal((HttpStatusCode.NotFound, "NotFound"), (answer.Code, answer.Reason));
    }

    [Fact]
    public async Task An_autoscaler_is_one_object_in_three_versions()
    {
        await using var cluster = await Cluster.Start(new() { Version = "1.25", Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        static string Path(string version) => $"apis/autoscaling/{version}/namespaces/default/horizontalpodautoscalers";
        await api.Post(Path("v2beta2"), """
            {"apiVersion":"autoscaling/v2beta2","kind":"HorizontalPodAutoscaler","metadata":{"name":"a"},"spec":{"minReplicas":2,"maxReplicas":5,
             "scaleTargetRef":{"kind":"ReplicaSet","name":"web","apiVersion":"apps/v1"},
             "behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},
             "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}},
                        {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}}]}}
            """);
        var v1 = await api.Get(Path("v1") + "/a");
        Assert.Equal(("autoscaling/v1", 70L), (v1.Body.Text("apiVersion"), v1.Body.Number("spec", "targetCPUUtilizationPercentage")));
        Assert.Null(v1.Body.Node("spec", "metrics"));

        // Through the version that cannot say it, and back: nothing is lost. The controller writes its status meanwhile, so the first try may come too late.
        await Eventually.True(async () =>
        {
            var seen = await api.Get(Path("v1") + "/a");
            seen.Body["spec"]!["targetCPUUtilizationPercentage"] = 80;
            return (await api.Put(Path("v1") + "/a", seen.Body)).Code == HttpStatusCode.OK;
        });
        var v2 = await api.Get(Path("v2") + "/a");
        Assert.Equal(
            ["cpu", "memory"], v2.Body.Array("spec", "metrics")!.Select(metric => metric.Text("resource", "name")));
        Assert.Equal(80, v2.Body.Array("spec", "metrics")![0].Number("resource", "target", "averageUtilization"));
        Assert.Equal(60, v2.Body.Number("spec", "behavior", "scaleDown", "stabilizationWindowSeconds"));
        Assert.Null(v2.Body.Node("metadata", "annotations"));
        var beta = await api.Get(Path("v2beta2") + "/a");
        Assert.Equal("autoscaling/v2beta2", beta.Body.Text("apiVersion"));
        Assert.True(JsonNode.DeepEquals(v2.Body["spec"], beta.Body["spec"]));
    }

    [Fact]
    public async Task An_endpoint_keeps_its_zone_and_node_in_both_versions()
    {
        await using var cluster = await Cluster.Start(new() { Version = "1.22", Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        static string Path(string version) => $"apis/discovery.k8s.io/{version}/namespaces/default/endpointslices";
        await api.Post(Path("v1beta1"), """
            {"metadata":{"name":"a"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],
             "topology":{"topology.kubernetes.io/zone":"z","kubernetes.io/hostname":"n","other":"o"}}],"ports":[]}
            """);
        var v1 = (await api.Get(Path("v1") + "/a")).Body.Array("endpoints")![0];
        Assert.Equal(("z", "n", "o"), (v1.Text("zone"), v1.Text("nodeName"), v1.Text("deprecatedTopology", "other")));
        var beta = (await api.Get(Path("v1beta1") + "/a")).Body.Array("endpoints")![0];
        Assert.Equal("z", beta.Text("topology", "topology.kubernetes.io/zone"));
        Assert.Null(beta.Node("zone"));
    }

    [Theory]
    [InlineData("1.24", null)]
    [InlineData("1.25", "Europe/Berlin")]
    public async Task A_time_zone_is_known_from_1_25_on(string version, string? kept)
    {
        await using var cluster = await Cluster.Start(new() { Version = version, Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        var made = await api.Post("apis/batch/v1/namespaces/default/cronjobs", """
            {"metadata":{"name":"a"},"spec":{"schedule":"0 3 * * *","timeZone":"Europe/Berlin","jobTemplate":{"spec":{"template":{"spec":{
             "restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(kept, made.Body.Text("spec", "timeZone"));
    }

    [Fact]
    public async Task An_upgraded_cluster_serves_what_was_stored_before()
    {
        await using var cluster = await Cluster.Start(new() { Version = "1.22", Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        const string Budgets = "apis/policy/v1/namespaces/default/poddisruptionbudgets";
        await api.Post("apis/policy/v1beta1/namespaces/default/poddisruptionbudgets", """{"metadata":{"name":"a"},"spec":{"minAvailable":1}}""");
        await cluster.Upgrade("1.34");

        Assert.Equal("34", (await api.Get("version")).Body.Text("minor"));
        Assert.Equal("policy/v1", (await api.Get(Budgets + "/a")).Body.Text("apiVersion"));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get(Budgets.Replace("v1", "v1beta1") + "/a")).Code);
    }

    [Theory]
    [InlineData("1.21", "Version is '1.21', and must be 1.22 to 1.35.")]
    [InlineData("newest", "Version is 'newest', and must be 1.22 to 1.35.")]
    public async Task Another_version_is_refused(string version, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<ArgumentException>(() => Cluster.Start(new() { Version = version }))).Message);

    [Fact]
    public async Task An_address_that_others_can_reach_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Cluster.Start(new() { Address = IPAddress.Any }));

    [Fact]
    public async Task Further_groups_are_named_and_hold_nothing()
    {
        await using var cluster = await Cluster.Start(new()
        {
            Kubelet = KubeletMode.None,
            Nodes = 0,
            Groups = ["cert-manager.io/v1", "cert-manager.io/v1alpha2", "argoproj.io/v1alpha1"],
        });
        using var api = new Client(cluster);
        var groups = (await api.Get("apis")).Body.Array("groups")!;
        var one = groups.Single(item => item.Text("name") == "cert-manager.io");
        Assert.Equal(["v1", "v1alpha2"], one.Array("versions")!.Select(item => item.Text("version")));
        Assert.Equal("cert-manager.io/v1", one.Text("preferredVersion", "groupVersion"));
        Assert.Equal("argoproj.io/v1alpha1", (await api.Get("apis/argoproj.io")).Body.Text("preferredVersion", "groupVersion"));
        var resources = (await api.Get("apis/argoproj.io/v1alpha1")).Body;
        Assert.Equal(("argoproj.io/v1alpha1", 0), (resources.Text("groupVersion"), resources.Array("resources")!.Count));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("apis/argoproj.io/v1")).Code);
    }

    [Theory]
    [InlineData("cert-manager.io")]
    [InlineData("tools/v1")]
    [InlineData("Cert.io/v1")]
    [InlineData("cert.io/v1/more")]
    [InlineData("coordination.k8s.io/v1")]
    public async Task A_group_that_cannot_be_a_further_one_is_refused(string group)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Cluster.Start(new() { Groups = [group] }));
        Assert.StartsWith($"Groups is '{group}', and must be a group with a dot", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_names_all_that_is_served()
    {
        await using var cluster = await Cluster.Start(new() { Kubelet = KubeletMode.None, Nodes = 0 });
        using var api = new Client(cluster);
        var core = (await api.Get("api/v1")).Body.Array("resources")!;
        Assert.Contains("pods/eviction", core.Select(item => item.Text("name")));
        Assert.Equal("po", core.First(item => item.Text("name") == "pods").Array("shortNames")![0].Text());
        var schema = await api.Get("openapi/v3/apis/apps/v1");
        Assert.NotNull(schema.Body.Object("paths", "/apis/apps/v1/namespaces/{namespace}/replicasets/{name}", "patch"));
        Assert.Equal("ok", (await api.Get("readyz")).Body.Text());
    }
}
