namespace Fury.LocalCluster.Tests;

/// <summary>What people type, typed.</summary>
public sealed class KubectlTests
{
    private const string Set = """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: app, image: "app:1", ports: [{containerPort: 80}], resources: {requests: {cpu: 100m}}}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {color: red}
        """;

    [Theory]
    [InlineData("1.22", false)]
    [InlineData("1.25", true)]
    [InlineData("1.34", false)]
    public async Task Objects_are_created_seen_changed_scaled_and_deleted(string version, bool tls)
    {
        await using var cluster = await Cluster.Start(new() { Version = version, Tls = tls });
        using var kubectl = new Kubectl(cluster);

        Assert.Contains($"v{version}.0", await kubectl.Run("version"), StringComparison.Ordinal);
        Assert.Contains("replicaset.apps/web created", await kubectl.Run("create --save-config -f -", Set), StringComparison.Ordinal);
        Assert.Contains("configmap/settings unchanged", await kubectl.Run("apply -f -", Set), StringComparison.Ordinal);
        Assert.Contains("configmap/settings configured", await kubectl.Run("apply -f -", Set.Replace("red", "blue")), StringComparison.Ordinal);
        Assert.Equal("blue", await kubectl.Run("get configmap settings -o jsonpath={.data.color}"));
        Assert.Contains("serverside-applied", await kubectl.Run("apply --server-side --force-conflicts -f -", Set), StringComparison.Ordinal);

        await kubectl.Run("wait --for=condition=Ready pod -l app=web --timeout=30s");
        var table = await kubectl.Run("get rs web");
        Assert.Matches(@"NAME\s+DESIRED\s+CURRENT\s+READY\s+AGE\s+web\s+2\s+2\s+2", table);
        Assert.Contains("replicaset.apps/web scaled", await kubectl.Run("scale rs/web --replicas=3"), StringComparison.Ordinal);
        await Fury.Testing.Eventually.True(async () => await kubectl.Run("get rs web -o jsonpath={.status.readyReplicas}") == "3");
        Assert.Contains("pod/web-", await kubectl.Run("get all"), StringComparison.Ordinal);
        Assert.Contains("Pod Template:", await kubectl.Run("describe rs web"), StringComparison.Ordinal);

        Assert.Contains("replicaset.apps \"web\" deleted", await kubectl.Run("delete -f -", Set), StringComparison.Ordinal);
        var (code, output) = await kubectl.Try("get configmap settings");
        Assert.Equal(1, code);
        Assert.Contains("Error from server (NotFound): configmaps \"settings\" not found", output, StringComparison.Ordinal);
    }

    private static string Named(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}";

    [Fact]
    public async Task A_watch_prints_what_comes()
    {
        await using var cluster = await Cluster.Start(new());
        using var kubectl = new Kubectl(cluster);
        using var watch = kubectl.Start("get configmaps -w -o name");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            // It lists first; what is made now comes with the list or after it, once.
            await kubectl.Run("create -f -", Named("one"));
            Assert.Equal("configmap/one", await watch.StandardOutput.ReadLineAsync(deadline.Token));
            await kubectl.Run("create -f -", Named("two"));
            Assert.Equal("configmap/two", await watch.StandardOutput.ReadLineAsync(deadline.Token));
        }
        finally
        {
            watch.Kill();
        }
    }

    [Fact]
    public async Task What_is_wrong_is_said_before_anything_is_made()
    {
        await using var cluster = await Cluster.Start(new());
        using var kubectl = new Kubectl(cluster);
        var (code, output) = await kubectl.Try("create -f -", Set.Replace("image: \"app:1\"", "imagePullPolicy: Always"));
        Assert.Equal(1, code);
        Assert.Contains("spec.template.spec.containers[0].image: Required value", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_pod_has_written_is_printed_and_followed_to_its_end()
    {
        await using var cluster = await Cluster.Start(new() { Kubelet = KubeletMode.Process, Nodes = 1 });
        using var kubectl = new Kubectl(cluster);
        await kubectl.Run("create -f -", """
            apiVersion: v1
            kind: Pod
            metadata: {name: writer}
            spec: {restartPolicy: Never, containers: [{name: app, image: "file:///bin", command: [sh], args: ["-c", "echo one; sleep 0.5; echo two"]}]}
            """);
        await Fury.Testing.Eventually.True(async () => (await kubectl.Try("logs writer")).Output.Contains("one", StringComparison.Ordinal));
        Assert.Equal("one\ntwo\n", await kubectl.Run("logs -f writer"));
        Assert.Equal("two\n", await kubectl.Run("logs --tail=1 writer"));
        Assert.Matches(@"writer\s+0/1\s+Completed", await kubectl.Run("get pod writer"));
    }

    [Fact]
    public async Task What_pods_use_is_printed_where_it_is_measured()
    {
        await using var cluster = await Cluster.Start(new());
        await using var blind = await Cluster.Start(new() { ServesMetrics = false });
        using var kubectl = new Kubectl(cluster);
        using var without = new Kubectl(blind);
        await kubectl.Run("create -f -", Set);
        await kubectl.Run("wait --for=condition=Ready pod -l app=web --timeout=30s");
        var pods = cluster.Pods.Select(pod => pod.Name).Order(StringComparer.Ordinal).ToList();
        cluster.Metrics.Set("default", pods[0], cpuMillis: 250, memoryBytes: 64 << 20);

        Assert.Matches($@"^NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)\s+{pods[0]}\s+250m\s+64Mi\s+$", await kubectl.Run("top pods -l app=web"));
        Assert.Matches($@"{pods[0]}\s+app\s+250m", await kubectl.Run($"top pod {pods[0]} --containers"));
        Assert.Equal(1, (await kubectl.Try($"top pod {pods[1]}")).Code);
        Assert.Contains("Metrics API not available", (await without.Try("top pods")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_is_drained_as_its_budgets_allow()
    {
        await using var cluster = await Cluster.Start(new() { Nodes = 2 });
        using var kubectl = new Kubectl(cluster);
        await kubectl.Run("create -f -", Set.Replace("replicas: 2", "replicas: 4"));
        await kubectl.Run("wait --for=condition=Ready pod -l app=web --timeout=30s");
        await kubectl.Run("create -f -", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
            + "spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}");
        Assert.Contains("evicted", await kubectl.Run("drain local-node-1 --timeout=30s"), StringComparison.Ordinal);
        Assert.Equal("", await kubectl.Run("get pods -o name --field-selector=spec.nodeName=local-node-1"));
        Assert.Contains("SchedulingDisabled", await kubectl.Run("get node local-node-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_is_told_what_he_may_not()
    {
        await using var cluster = await Cluster.Start(new() { Tls = true, Token = "a-token-of-the-test" });
        using var kubectl = new Kubectl(cluster);
        cluster.Access.Deny(new("list", "secrets"));
        var (code, output) = await kubectl.Try("get secrets");
        Assert.Equal(1, code);
        Assert.Contains(
            "secrets is forbidden: User \"kubernetes-admin\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"",
            output, StringComparison.Ordinal);
    }
}
