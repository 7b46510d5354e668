using System.Diagnostics;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>What goes wrong between Fury and a cluster, and what comes of it.</summary>
public sealed class FaultTests : LocalClusterTest
{
    [Fact]
    public async Task A_cut_watch_loses_nothing()
    {
        var cluster = await Start();
        await using var view = new ClusterView(Desk, Name);
        var pool = Workload(replicas: 3);
        await Applied(pool);
        await UntilReady(view, pool.Id, 3);

        for (var round = 0; round < 5; round++)
        {
            cluster.Faults.CutWatches();
            await Desk.SetReplicas(Name, pool.Id, round % 2 == 0 ? 1 : 3, default);
        }

        await UntilReady(view, pool.Id, 1);
        Assert.Empty(view.Mistakes);
        Assert.Equal(1, view.Syncs);
    }

    [Fact]
    public async Task A_history_that_was_forgotten_while_the_watch_was_cut_loses_no_delete()
    {
        var cluster = await Start();
        await using var view = new ClusterView(Desk, Name);
        var (pool, other) = (Workload(replicas: 3), Workload(replicas: 2));
        await Applied(pool);
        await Applied(other);
        await UntilReady(view, pool.Id, 3);
        await UntilReady(view, other.Id, 2);

        // While nobody can watch, replicas go, and so does the memory of their going.
        await cluster.Kill();
        await Eventually.True(() => view.Interruptions.Count > 0);
        await cluster.Revive();
        cluster.Faults.FailNext(503, count: 1000, verb: "watch");
        await Desk.SetReplicas(Name, pool.Id, 1, default);
        await Desk.Remove(Name, other.Id, TimeSpan.Zero, default);
        await Eventually.True(async () => (await Desk.FindPool(Name, pool.Id, default)).Value.Running == 1);
        cluster.ForgetHistory();
        cluster.Faults.Clear();

        await UntilReady(view, pool.Id, 1);
        await Eventually.True(() => view.Of(other.Id).Count == 0);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task A_list_of_many_pages_whose_tokens_expire_is_told_whole_and_once()
    {
        var cluster = await Start(new ClusterOptions { Nodes = 20, Seed = 5 });
        var (pool, other) = (Workload(replicas: 1000), Workload(replicas: 600));
        await Applied(pool);
        await Applied(other);
        await Eventually.True(
            async () => (await Desk.Pools(Name, default)).Value.Sum(known => known.Ready) == 1600, TimeSpan.FromSeconds(60));
        cluster.Faults.GoneShare = 0.2; // Every other list of four pages is begun anew.

        await using var view = new ClusterView(Desk, Name);

        await Eventually.True(() => view.Syncs > 0, TimeSpan.FromSeconds(60));
        Assert.Equal((1000, 600), (view.Ready(pool.Id), view.Ready(other.Id)));
        cluster.Faults.Clear();
        var capacity = (await Desk.Capacity(Name, default)).Value;
        Assert.Equal(16_000, capacity.Requested.CpuMillis);
        Assert.Equal(1600, capacity.Nodes.Sum(node => node.Replicas));
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task An_api_server_that_dies_is_told_of_once_and_so_is_its_return()
    {
        var cluster = await Start();
        await using var view = new ClusterView(Desk, Name);
        var pool = Workload();
        await Applied(pool);
        await UntilReady(view, pool.Id, 2);

        await cluster.Kill();
        await Eventually.True(() => view.Interruptions.Any(fault => fault.Kind == FaultKind.Unavailable));
        await cluster.Revive();
        await Eventually.True(() => view.Syncs > 1);
        await Desk.SetReplicas(Name, pool.Id, 4, default);

        await UntilReady(view, pool.Id, 4);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task A_cluster_that_is_down_is_unavailable_within_its_bounds()
    {
        var cluster = await Start();
        await cluster.Kill();

        var watch = Stopwatch.StartNew();
        var version = await Desk.Version(Name, default);

        Assert.Equal(FaultKind.Unavailable, version.Fault?.Kind);
        Assert.Contains("does not answer", version.Fault!.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task With_a_third_of_all_requests_refused_everything_comes_about_once()
    {
        var cluster = await Start(new ClusterOptions { Seed = 7 });
        cluster.Faults.RetryAfterSeconds = 0;
        cluster.Faults.TooManyRequestsShare = 0.3;
        await using var view = new ClusterView(Desk, Name);
        var pools = Enumerable.Range(0, 10).Select(index => Workload(replicas: 1 + (index % 3), scaling: new PoolScaling(1, 5))).ToList();

        await Task.WhenAll(pools.Select(Applied));

        foreach (var pool in pools)
        {
            await UntilReady(view, pool.Id, pool.Replicas);
        }

        Assert.Empty(view.Mistakes);
        Assert.True(cluster.Faults.Answers[429] > 0, "nothing was refused");
    }

    [Fact]
    public async Task An_answer_that_got_lost_makes_nothing_twice()
    {
        var cluster = await Start(new ClusterOptions { Seed = 11 });
        cluster.Faults.LostAnswerShare = 0.3;
        await using var view = new ClusterView(Desk, Name);
        var pools = Enumerable.Range(0, 10).Select(_ => Workload(replicas: 2, scaling: new PoolScaling(2, 5))).ToList();

        foreach (var pool in pools)
        {
            Assert.Equal(pool.Id, (await Applied(pool)).Id);
        }

        cluster.Faults.Clear();
        foreach (var pool in pools)
        {
            await UntilReady(view, pool.Id, 2);
        }

        Assert.Equal(10, (await Desk.Pools(Name, default)).Value.Count);
    }

    [Fact]
    public async Task A_conflict_on_the_scale_is_thought_over_again()
    {
        var cluster = await Start();
        var pool = Workload(replicas: 1);
        await Applied(pool);
        cluster.Faults.FailNext(409, count: 3, verb: "update");

        var scaled = await Desk.SetReplicas(Name, pool.Id, 5, default);

        Assert.Equal(5, scaled.Value.Wanted);
    }

    [Fact]
    public async Task The_first_pool_in_a_new_space_makes_it()
    {
        var cluster = await Start();
        Assert.Equal(Outcome.Ok, await Desk.Connect(Name, ClusterHost.AccessOf(cluster) with { Space = "brand-new" }, default));
        await using var view = new ClusterView(Desk, Name);
        await Eventually.True(() => view.Syncs > 0);
        var pool = Workload();

        await Applied(pool);

        await UntilReady(view, pool.Id, 2);
    }

    [Fact]
    public async Task A_half_applied_pool_is_completed_by_the_same_wish()
    {
        var cluster = await Start();
        var pool = Workload(replicas: 3, scaling: new PoolScaling(2, 5));
        cluster.Faults.FailNext(403, count: 1, verb: "patch", resource: "poddisruptionbudgets");
        var first = await Desk.Apply(Name, pool, default);
        var second = await Applied(pool);

        Assert.False(first.IsOk);
        Assert.Equal((3, new PoolScaling(2, 5)), (second.Wanted, second.Scaling));
    }

    [Theory]
    [InlineData("create", "replicasets", "replicasets.apps")]
    [InlineData("patch", "horizontalpodautoscalers", "horizontalpodautoscalers.autoscaling")]
    [InlineData("patch", "poddisruptionbudgets", "poddisruptionbudgets.policy")]
    public async Task A_missing_permission_is_named(string verb, string resource, string named)
    {
        var cluster = await Start();
        cluster.Access.Deny(new AccessRule(verb, resource));

        var fault = (await Desk.Apply(Name, Workload(scaling: new PoolScaling(1, 3)), default)).Fault!;

        Assert.Equal(FaultKind.Forbidden, fault.Kind);
        Assert.Contains($"{verb} {named}", fault.Message, StringComparison.Ordinal);
        Assert.Equal((verb, named), (fault.Facts["verb"], fault.Facts["resource"]));
    }

    [Fact]
    public async Task A_watch_without_permission_says_so_and_goes_on_when_it_is_given()
    {
        var cluster = await Start();
        cluster.Access.Deny(new AccessRule("list", "pods"));
        await using var view = new ClusterView(Desk, Name);
        await Eventually.True(() => view.Interruptions.Any(fault => fault.Kind == FaultKind.Forbidden && fault.Facts["resource"] == "pods"));
        Assert.Equal(0, view.Syncs);

        cluster.Access.Clear();

        await Eventually.True(() => view.Syncs > 0);
        Assert.Single(view.Interruptions);
    }
}
