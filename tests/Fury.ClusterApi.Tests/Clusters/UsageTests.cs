using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Kubernetes;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>What replicas use: how often a cluster is asked, and what comes of one that cannot say.</summary>
public sealed class UsageTests : LocalClusterTest, ILogger<KubernetesDriver>
{
    private const string Space = "default";
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private readonly ManualClock _clock = new();
    private readonly List<string> _lines = [];

    [Fact]
    public async Task A_cluster_is_asked_once_in_a_while_for_all_who_ask()
    {
        var cluster = await Start();
        using var desk = await Connected(cluster);
        await Applied(Workload(replicas: 2));
        await Eventually.True(() => cluster.Pods.Count == 2);
        foreach (var (ns, pod) in cluster.Pods)
        {
            cluster.Metrics.Set(ns, pod, cpuMillis: 100, memoryBytes: 1 << 20);
        }

        var before = cluster.Faults.Answers[200];
        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => desk.Usage(Name, default))));
        _clock.Advance(Age - TimeSpan.FromMilliseconds(1));
        await desk.Usage(Name, default);
        var once = cluster.Faults.Answers[200] - before;
        cluster.Metrics.Set(Space, cluster.Pods[0].Name, cpuMillis: 100, memoryBytes: 2 << 20);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var later = (await desk.Usage(Name, default)).Value;

        Assert.All(asked, outcome => Assert.Equal(2, outcome.Value.Count));
        Assert.Equal(1, once);
        Assert.Equal(3 << 20, later.Sum(usage => usage.MemoryBytes));
    }

    [Fact]
    public async Task A_cluster_that_measures_nothing_tells_of_none_and_says_so_once()
    {
        var cluster = await Start(new ClusterOptions { ServesMetrics = false });
        using var desk = await Connected(cluster);

        for (var round = 0; round < 3; round++)
        {
            Assert.Empty((await desk.Usage(Name, default)).Value);
            _clock.Advance(Age);
        }

        Assert.Contains($"cluster {Name}", Assert.Single(_lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_permission_is_named_and_what_was_used_before_is_remembered_when_it_is_given()
    {
        var cluster = await Start();
        using var desk = await Connected(cluster);
        await Applied(Workload(replicas: 1));
        await Eventually.True(() => cluster.Pods.Count == 1);
        cluster.Metrics.Set(Space, cluster.Pods[0].Name, cpuMillis: 1000);
        await Eventually.True(async () =>
        {
            _clock.Advance(Age);
            return (await desk.Usage(Name, default)).Value.Count == 1;
        });

        cluster.Access.Deny(new AccessRule("list", "pods.metrics.k8s.io"));
        _clock.Advance(Age);
        var refused = await desk.Usage(Name, default);
        cluster.Access.Clear();
        cluster.ShiftClock(TimeSpan.FromSeconds(10));
        _clock.Advance(Age);
        var used = Assert.Single((await desk.Usage(Name, default)).Value);

        Assert.Equal((FaultKind.Forbidden, "pods.metrics.k8s.io"), (refused.Fault?.Kind, refused.Fault?.Facts["resource"]));
        Assert.InRange(used.CpuSeconds, 10, 20);
    }

    [Fact]
    public async Task Whoever_waits_may_leave_and_the_answer_comes_for_the_others()
    {
        var cluster = await Start();
        using var desk = await Connected(cluster);
        using var leaves = new CancellationTokenSource();
        cluster.Faults.Latency = TimeSpan.FromMilliseconds(200);

        var (left, stayed) = (desk.Usage(Name, leaves.Token), desk.Usage(Name, default));
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.True((await stayed).IsOk);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    private async Task<ClusterDesk> Connected(Cluster cluster)
    {
        var desk = new ClusterDesk([new KubernetesDriver(_clock, new Random(1), this)]);
        Assert.True((await desk.Connect(Name, ClusterHost.AccessOf(cluster), default)).IsOk);
        return desk;
    }
}
