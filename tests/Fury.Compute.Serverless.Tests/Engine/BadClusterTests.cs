using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Registry;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>A cluster that is of no use says why where people look: in its health.</summary>
[Collection(ServerlessHost.Shared)]
public sealed class BadClusterTests(ServerlessHost host) : IAsyncLifetime
{
    private const string Region = "of-the-bad";

    /// <summary>A look every 10 s, and up to 5 s for each.</summary>
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(60);

    private readonly List<LocalCluster.Cluster> _clusters = [];
    private readonly List<string> _registered = [];

    [Fact]
    public async Task What_is_wrong_with_an_access_is_told_in_its_own_words()
    {
        var trusted = (await Start("trusted", new() { Tls = true })).Kubeconfig;
        var stranger = (await Start("trusted", new() { Tls = true })).Kubeconfig;
        var old = (await Start("old", new() { Tls = true, Clock = new YearsAgo() })).Kubeconfig;
        var noPods = await Start("no-pods", new());
        noPods.Access.Deny(new AccessRule("list", "pods"));
        var noNodes = await Start("no-nodes", new());
        noNodes.Access.Deny(new AccessRule("list", "nodes"));
        var user = trusted[trusted.IndexOf("  user:", trusted.IndexOf("users:", StringComparison.Ordinal), StringComparison.Ordinal)..];
        const string Plugin = """
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: cloud-login
                  installHint: Get it from the vendor.

            """;

        await Register("no-plugin", trusted.Replace(user, Plugin, StringComparison.Ordinal));
        await Register("expired", old);
        await Register("wrong-authority", trusted.Replace(Authority(trusted), Authority(stranger), StringComparison.Ordinal));
        await Register("no-document", "what is this?");
        await Register("no-pods", noPods.Kubeconfig);
        await Register("no-nodes", noNodes.Kubeconfig);

        await Told("no-plugin", "'cloud-login', which this machine does not have. Get it from the vendor.");
        await Told("expired", "is valid from");
        await Told("wrong-authority", "not signed by the authority that the access names");
        await Told("no-document", "The kubeconfig is not one YAML mapping");
        await Told("no-pods", "The cluster does not let Fury list pods");
        await Told("no-nodes", "The cluster does not let Fury list nodes");
    }

    [Fact]
    public async Task What_was_mended_is_well_without_a_restart()
    {
        var cluster = await Start("mended", new());
        cluster.Access.Deny(new AccessRule("list", "pods"));
        await Register("mended", cluster.Kubeconfig);
        await Told("mended", "list pods");

        cluster.Access.Clear();

        await Eventually.True(
            () => host.Get<PlacementDesk>().Health["mended"] is { Phase: HealthPhase.Healthy, Why: "All is well." }, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_permission_that_is_missing_for_a_pool_is_its_problem_with_verb_and_resource()
    {
        var cluster = host.Clusters["staying"];
        cluster.Access.Deny(new AccessRule("create", "replicasets"));
        var spec = Spec(new(100, 64), "to-drain");
        await host.Engine.Ensure(spec, default);

        var problem = await Problem(spec);
        cluster.Access.Clear();
        await host.Engine.Retire(spec.Id, default);

        Assert.Equal(FaultKind.Forbidden, problem.Kind);
        Assert.StartsWith("Cluster 'staying' refuses: The cluster does not let Fury create replicasets.apps", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_that_no_node_has_room_for_is_the_pools_problem_with_the_size()
    {
        var spec = Spec(new(CpuMillis: 64_000, MemoryMiB: 128), ServerlessHost.Region);
        await host.Engine.Ensure(spec, default);

        var problem = await Problem(spec);
        await host.Engine.Retire(spec.Id, default);

        Assert.Equal(FaultKind.Exhausted, problem.Kind);
        Assert.Contains("no node has room for one: 2", problem.Message, StringComparison.Ordinal);
        Assert.Contains("64000 mCPU and 128 MiB", problem.Message, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var name in _registered)
        {
            await host.Get<ClusterStore>().Remove(name, default);
        }

        foreach (var cluster in _clusters)
        {
            await cluster.DisposeAsync();
        }
    }

    private static PoolSpec Spec(InstanceSize size, string region) => new(
        PoolId.New(TimeProvider.System),
        ServerlessComputeTests.Release(ScopeRef.Parse("shop/test-bad"), 1, size),
        new(ServerlessHost.Provider, region, "clusters"),
        Replicas: 1,
        Floor: 0,
        Ceiling: 5);

    private static string Authority(string kubeconfig) =>
        kubeconfig.Split('\n').Single(line => line.Contains("certificate-authority-data", StringComparison.Ordinal));

    private async Task<LocalCluster.Cluster> Start(string name, ClusterOptions options)
    {
        var cluster = await LocalCluster.Cluster.Start(options with { Name = name });
        _clusters.Add(cluster);
        return cluster;
    }

    private async Task Register(string name, string kubeconfig)
    {
        _registered.Add(name);
        await host.Register(name, kubeconfig, Region);
    }

    private async Task Told(string name, string words)
    {
        ClusterHealth? health = null;
        await Eventually.True(
            () =>
            {
                health = host.Get<PlacementDesk>().Health.GetValueOrDefault(name);
                return health?.Why.Contains(words, StringComparison.Ordinal) == true;
            },
            ToldWithin,
            $"'{name}' says '{words}'");
        Assert.Equal(HealthPhase.Suspect, health!.Phase);
    }

    private async Task<Fault> Problem(PoolSpec spec)
    {
        PoolState? pool = null;
        await Eventually.True(async () => (pool = (await host.Engine.Describe(spec.Id, default)).Value).Problem is not null);
        return pool!.Problem!;
    }

    private sealed class YearsAgo : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddYears(-3);
    }
}
