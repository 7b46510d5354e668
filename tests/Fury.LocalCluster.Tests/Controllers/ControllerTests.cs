using System.Net;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>Controllers together, on simulated pods.</summary>
public sealed class ControllerTests : OnSimulatedCluster
{
    [Fact]
    public async Task A_set_has_as_many_ready_pods_as_it_asks_for()
    {
        await Api.Post(Client.Sets, Client.Set("web", 3));
        await Ready("web", 3);
        var pods = (await Api.Get(Client.Pods)).Body.Array("items")!;
        Assert.Equal(3, pods.Select(pod => pod.Text("status", "podIP")).Distinct().Count());
        Assert.All(pods, pod => Assert.Equal("web", pod.Array("metadata", "ownerReferences")![0].Text("name")));

        await Api.Delete($"{Client.Pods}/{pods[0].Text("metadata", "name")}?gracePeriodSeconds=0");
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Names is { Count: 3 } names && !names.Contains(pods[0].Text("metadata", "name")!));
        await Api.Patch($"{Client.Sets}/web", """{"spec":{"replicas":1}}""");
        await Ready("web", 1);
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Names.Count == 1);
    }

    [Fact]
    public async Task A_pod_that_matches_is_adopted_and_one_that_does_not_any_more_is_let_go()
    {
        await Api.Post(Client.Pods, Client.Pod("web"));
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        Assert.Equal("web", (await Api.Get($"{Client.Pods}/web")).Body.Array("metadata", "ownerReferences")![0].Text("name"));

        await Api.Patch($"{Client.Pods}/web", """{"metadata":{"labels":{"app":"other"}}}""");
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Names.Count == 3);
        await Eventually.True(async () => (await Api.Get($"{Client.Pods}/web")).Body.Array("metadata", "ownerReferences") is null or { Count: 0 });
    }

    [Fact]
    public async Task Readiness_can_be_said_in_a_kubelets_place()
    {
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        var (ns, name) = Cluster.Pods[0];
        Assert.True(Cluster.SetReady(ns, name, ready: false));
        await Ready("web", 1);
        Assert.True(Cluster.SetReady(ns, name, ready: true));
        await Ready("web", 2);
        Assert.False(Cluster.SetReady(ns, "none", ready: true));
    }

    [Fact]
    public async Task A_pod_is_available_when_it_has_been_ready_for_long_enough()
    {
        await Api.Post(Client.Sets, Client.Set("web", 2).Replace("\"replicas\":2", "\"replicas\":2,\"minReadySeconds\":30", StringComparison.Ordinal));
        await Ready("web", 2);
        Assert.Null((await Api.Get($"{Client.Sets}/web")).Body.Number("status", "availableReplicas"));
        await Move(async () => (await Api.Get($"{Client.Sets}/web")).Body.Number("status", "availableReplicas") == 2, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Events_go_an_hour_after_they_were_last_told()
    {
        const string Path = "api/v1/namespaces/default/events";
        await Api.Post(Path, """{"metadata":{"name":"news"},"involvedObject":{"kind":"Pod","name":"a"},"reason":"Told"}""");
        Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Contains("news", (await Api.Get(Path)).Names);
        await Move(async () => !(await Api.Get(Path)).Names.Contains("news"), TimeSpan.FromMinutes(11));
    }

    [Fact]
    public async Task A_pod_can_be_kept_from_starting()
    {
        await Api.Post(Client.Pods, """
            {"metadata":{"name":"a","annotations":{"localcluster.fury/waiting-reason":"ImagePullBackOff"}},
             "spec":{"containers":[{"name":"c","image":"i:1"}]}}
            """);
        await Eventually.True(async () => (await Api.Get($"{Client.Pods}/a")).Body.Array("status", "containerStatuses") is { Count: 1 } all
            && all[0].Text("state", "waiting", "reason") == "ImagePullBackOff");
        Assert.Equal("Pending", (await Api.Get($"{Client.Pods}/a")).Body.Text("status", "phase"));
    }

    [Theory]
    [InlineData("Background", 0)]
    [InlineData("Foreground", 0)]
    [InlineData("Orphan", 2)]
    public async Task What_becomes_of_the_pods_of_a_deleted_set(string propagation, int left)
    {
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        await Api.Delete($"{Client.Sets}/web?propagationPolicy={propagation}");
        await Eventually.True(async () => (await Api.Get($"{Client.Sets}/web")).Code == HttpStatusCode.NotFound);
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Names.Count == left);
        Assert.All((await Api.Get(Client.Pods)).Body.Array("items")!, pod => Assert.Null(pod.Node("metadata", "ownerReferences")));
    }

    [Fact]
    public async Task What_does_not_fit_waits_and_is_placed_when_there_is_room()
    {
        await Api.Post(Client.Sets, Client.Set("big", 3, cpu: "800m"));
        await Ready("big", 2);
        JsonNode? waiting = null;
        await Eventually.True(async () => (waiting = (await Api.Get(Client.Pods + "?fieldSelector=status.phase=Pending")).Body.Array("items")!.FirstOrDefault())
            .Array("status", "conditions") is { Count: > 0 });
        var condition = waiting.Array("status", "conditions")![0];
        Assert.Equal(("PodScheduled", "False", "Unschedulable"), (condition.Text("type"), condition.Text("status"), condition.Text("reason")));
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu.", condition.Text("message"));
        var events = (await Api.Get("api/v1/namespaces/default/events?fieldSelector=reason=FailedScheduling")).Body.Array("items")!;
        Assert.Equal(waiting.Text("metadata", "uid"), Assert.Single(events).Text("involvedObject", "uid"));

        var node = (await Api.Get("api/v1/nodes/local-node-1")).Body;
        node["metadata"] = new JsonObject { ["name"] = "more" };
        await Api.Post("api/v1/nodes", node.ToJsonString());
        await Ready("big", 3);
    }

    [Fact]
    public async Task Never_is_a_node_given_more_than_it_has()
    {
        await Api.Post(Client.Sets, Client.Set("many", 30, cpu: "70m"));
        await Ready("many", 28);
        var perNode = (await Api.Get(Client.Pods)).Body.Array("items")!.Where(pod => pod.Text("spec", "nodeName") is not null)
            .CountBy(pod => pod.Text("spec", "nodeName")!).Select(count => count.Value);
        Assert.Equal([14, 14], perNode);
    }

    [Fact]
    public async Task A_lost_node_is_left_by_its_pods_after_their_time_and_taken_back_when_it_returns()
    {
        await Api.Post(Client.Sets, Client.Set("web", 4));
        await Ready("web", 4);
        Cluster.LoseNode("local-node-1");
        await Move(async () => (await Api.Get("api/v1/nodes/local-node-1")).Body.Array("spec", "taints") is { Count: 2 }, TimeSpan.FromSeconds(5));
        await Ready("web", 2);
        var node = (await Api.Get("api/v1/nodes/local-node-1")).Body;
        Assert.Contains("Ready Unknown", node.Array("status", "conditions")!.Select(item => $"{item.Text("type")} {item.Text("status")}"));
        Assert.Equal(4, (await Api.Get(Client.Pods)).Names.Count);

        // Nobody is there to end them: they stay, on their way out, and others take their place.
        await Move(async () => (await Api.Get(Client.Pods)).Names.Count == 6, TimeSpan.FromSeconds(30));
        await Ready("web", 4);
        Assert.Equal(2, (await Api.Get(Client.Pods)).Body.Array("items")!.Count(pod => pod.Node("metadata", "deletionTimestamp") is not null));

        Cluster.ReturnNode("local-node-1");
        await Move(async () => (await Api.Get(Client.Pods)).Names.Count == 4, TimeSpan.FromSeconds(5));
        await Move(async () => (await Api.Get("api/v1/nodes/local-node-1")).Body.Array("spec", "taints") is null, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_deleted_node_takes_its_pods_with_it()
    {
        await Api.Post(Client.Sets, Client.Set("web", 4));
        await Ready("web", 4);
        await Api.Delete("api/v1/nodes/local-node-1");
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Body.Array("items")!.All(pod => pod.Text("spec", "nodeName") == "local-node-2"));
        await Ready("web", 4);
    }

    [Fact]
    public async Task An_autoscaler_follows_the_use_of_its_pods()
    {
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        Cluster.Metrics.Source = (_, _) => (200, 0);
        await Api.Post("apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", """
            {"metadata":{"name":"web"},"spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web"},
             "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":100}}}]}}
            """);
        await Move(async () => (await Api.Get($"{Client.Sets}/web")).Body.Number("spec", "replicas") == 5, TimeSpan.FromSeconds(15));
        Cluster.Metrics.Source = (_, _) => (20, 0);
        await Move(async () => (await Api.Get($"{Client.Sets}/web")).Body.Number("spec", "replicas") == 1, TimeSpan.FromSeconds(60));
        var hpa = (await Api.Get("apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web")).Body;
        Assert.Equal(20, hpa.Array("status", "currentMetrics")![0].Number("resource", "current", "averageUtilization"));
    }

    [Fact]
    public async Task A_new_autoscaler_does_not_shrink_its_target_before_its_window_is_over()
    {
        await Api.Post(Client.Sets, Client.Set("web", 4));
        await Ready("web", 4);
        Cluster.Metrics.Source = (_, _) => (20, 0);
        const string Path = "apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
        await Api.Post(Path, """
            {"metadata":{"name":"web"},"spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web"}}}
            """);
        await Eventually.True(async () => (await Api.Get($"{Path}/web")).Body.Array("status", "currentMetrics") is { Count: 1 });
        Assert.Equal(4, (await Api.Get($"{Path}/web")).Body.Number("status", "desiredReplicas"));
        await Move(async () => (await Api.Get($"{Client.Sets}/web")).Body.Number("spec", "replicas") == 1, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_namespace_is_emptied_before_it_goes()
    {
        await Api.Post("api/v1/namespaces", """{"metadata":{"name":"team"}}""");
        await Eventually.True(async () => (await Api.Get("api/v1/namespaces/team/serviceaccounts/default")).Code == HttpStatusCode.OK);
        await Api.Post("api/v1/namespaces/team/configmaps", """{"metadata":{"name":"held","finalizers":["test/hold"]}}""");
        await Api.Post("apis/apps/v1/namespaces/team/replicasets", Client.Set("web", 2));
        await Api.Delete("api/v1/namespaces/team");
        await Eventually.True(async () => (await Api.Get("api/v1/namespaces/team/pods")).Names.Count == 0
            && (await Api.Get("apis/apps/v1/namespaces/team/replicasets")).Names.Count == 0);
        Assert.Equal("Terminating", (await Api.Get("api/v1/namespaces/team")).Body.Text("status", "phase"));
        Assert.Equal(HttpStatusCode.Forbidden, (await Api.Post("api/v1/namespaces/team/configmaps", Client.Map("late"))).Code);

        await Api.Patch("api/v1/namespaces/team/configmaps/held", """{"metadata":{"finalizers":null}}""");
        await Eventually.True(async () => (await Api.Get("api/v1/namespaces/team")).Code == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_service_has_a_slice_of_the_pods_that_it_selects()
    {
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        await Api.Post(
            "api/v1/namespaces/default/services",
            """{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}""");
        const string Slices = "apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dweb";
        await Eventually.True(async () => (await Api.Get(Slices)).Body.Array("items") is { Count: 1 } slices && slices[0].Array("endpoints")!.Count == 2);
        Assert.Equal(8080, (await Api.Get(Slices)).Body.Array("items")![0].Array("ports")![0].Number("port"));
    }

    [Fact]
    public async Task An_eviction_waits_for_the_budget()
    {
        await Api.Post(Client.Sets, Client.Set("web", 2));
        await Ready("web", 2);
        await Api.Post(
            "apis/policy/v1/namespaces/default/poddisruptionbudgets",
            """{"metadata":{"name":"web"},"spec":{"minAvailable":"100%","selector":{"matchLabels":{"app":"web"}}}}""");
        var name = (await Api.Get(Client.Pods)).Names[0];
        var refused = await Api.Post($"{Client.Pods}/{name}/eviction", """{"apiVersion":"policy/v1","kind":"Eviction"}""");
        Assert.Equal(((HttpStatusCode)429, "TooManyRequests"), (refused.Code, refused.Reason));
        Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", refused.Message);
        Assert.Equal("The disruption budget web needs 2 healthy pods and has 2 currently", refused.Body.Array("details", "causes")![0].Text("message"));

        await Api.Patch("apis/policy/v1/namespaces/default/poddisruptionbudgets/web", """{"spec":{"minAvailable":1}}""");
        Assert.Equal(HttpStatusCode.Created, (await Api.Post($"{Client.Pods}/{name}/eviction", """{"kind":"Eviction"}""")).Code);
        await Eventually.True(async () => !(await Api.Get(Client.Pods)).Names.Contains(name));

        // The other one came back, so that there is one to spare again, and the status says so.
        await Eventually.True(async () =>
            (await Api.Get("apis/policy/v1/namespaces/default/poddisruptionbudgets/web")).Body.Object("status") is { } status
            && (status.Number("currentHealthy"), status.Number("disruptionsAllowed"), status.Number("expectedPods")) == (2, 1, 2));
    }
}
