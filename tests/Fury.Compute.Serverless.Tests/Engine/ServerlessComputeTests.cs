using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Watching;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>The engine on a real database over two clusters of different ages: the contract, and what clusters do to it.</summary>
[Collection(ServerlessHost.Shared)]
public sealed class ServerlessComputeTests(ServerlessHost host) : ComputeEngineContract
{
    /// <summary>What is lost is believed to be lost after as long as a lease may be silent, and to be dead after as long again and a half.</summary>
    private static readonly TimeSpan LostWithin = ClusterHealth.LeaseMax + ClusterHealth.DeadAfter + TimeSpan.FromSeconds(60);

    protected override IComputeEngine Engine => host.Engine;

    protected override Location Location { get; } = new(ServerlessHost.Provider, ServerlessHost.Region, "clusters");

    protected override ReleaseSpec GoodRelease(ScopeRef scope, int number) => Release(scope, number, new(CpuMillis: 100, MemoryMiB: 64));

    protected override ReleaseSpec BadRelease(ScopeRef scope) => Release(scope, 9, new(CpuMillis: 1_000_000, MemoryMiB: 64));

    protected override IReadOnlyList<PoolState> Told(PoolId pool) => host.News.TryGetValue(pool, out var news) ? [.. news] : [];

    [Fact]
    public async Task Replicas_are_divided_over_the_clusters_of_the_region()
    {
        var spec = Pool(replicas: 4);
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 4);

        var shares = (await host.Get<IPoolStore>().Find(spec.Id, default))!.Shares;
        Assert.Equal(["one", "two"], shares.Select(share => share.Cluster).Order());
        Assert.Equal(4, shares.Sum(share => share.Replicas));
    }

    [Fact]
    public async Task What_another_has_seen_who_lost_the_lease_changes_nothing()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var before = await Until(spec.Id, pool => pool.Ready == 1);
        var (store, cluster) = (host.Get<IPoolStore>(), (await host.Get<IPoolStore>().Find(spec.Id, default))!.Shares[0].Cluster);

        var late = await store.Observe(cluster, fence: 0, new Dictionary<PoolId, IReadOnlyList<SeenReplica>> { [spec.Id] = [] }, default);
        var begun = await host.Get<WatchStore>().Begin(cluster, fence: 0, default);

        Assert.Equal(FaultKind.Stale, late.Fault?.Kind);
        Assert.Equal(FaultKind.Stale, begun.Fault?.Kind);
        Assert.Equal(before.Replicas, (await Engine.Describe(spec.Id, default)).Value.Replicas);
    }

    [Fact]
    public async Task What_somebody_takes_away_in_a_cluster_is_asked_for_anew_and_what_nobody_wants_there_is_removed()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var first = await Until(spec.Id, pool => pool.Ready == 1);
        var cluster = ClusterName.Parse((await host.Get<IPoolStore>().Find(spec.Id, default))!.Shares[0].Cluster);
        var clusters = host.Get<IClusterApi>();
        var orphan = Workloads.Of(Pools.Pool.New(Pool()), new(cluster.Value, new Dictionary<string, int> { ["local-a"] = 1 }, 1));
        Assert.True((await clusters.Apply(cluster, orphan, default)).IsOk);
        Assert.True((await clusters.Remove(cluster, spec.Id, TimeSpan.Zero, default)).IsOk);
        await Until(spec.Id, pool => pool.Ready == 0);

        var drift = host.Get<DriftReconciler>();
        await drift.Pass(0, default);
        await drift.Pass(0, default);

        await Until(spec.Id, pool => pool.Ready == 1 && pool.Replicas[0].Id != first.Replicas[0].Id);
        await Eventually.True(async () => (await clusters.FindPool(cluster, orphan.Id, default)).Fault?.Kind == FaultKind.NotFound);
    }

    [Fact]
    public async Task An_image_that_does_not_exist_is_told_as_what_will_never_work()
    {
        var spec = Pool() with { Location = new(ServerlessHost.Provider, "of-processes", "clusters") };
        await Engine.Ensure(spec, default);

        var pool = await Until(spec.Id, pool => pool.Problem is not null);
        await Engine.Retire(spec.Id, default);

        Assert.Equal(FaultKind.Invalid, pool.Problem!.Kind);
    }

    [Fact]
    public async Task A_cluster_that_drains_is_left_and_at_no_moment_are_fewer_replicas_ready_than_are_wanted()
    {
        var spec = Pool(replicas: 4) with { Location = new(ServerlessHost.Provider, "to-drain", "clusters") };
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 4);
        var told = Told(spec.Id).Count;

        await host.Drain("draining");
        var store = host.Get<IPoolStore>();
        await Eventually.True(
            async () => (await store.Find(spec.Id, default))!.Shares is [{ Cluster: "staying", Stays: true, Replicas: 4 }], TimeSpan.FromSeconds(30));

        Assert.Equal(4, (await Engine.Describe(spec.Id, default)).Value.Ready);
        Assert.All(Told(spec.Id).Skip(told), pool => Assert.True(pool.Ready >= 4, $"{pool.Ready} were ready"));
        await Eventually.True(async () => (await host.Get<IClusterApi>().Pools(ClusterName.Parse("draining"), default)).Value.Count == 0);
    }

    [Fact]
    public async Task A_cluster_that_is_to_be_left_keeps_what_has_no_place_elsewhere()
    {
        var spec = Pool(replicas: 2) with { Location = new(ServerlessHost.Provider, "of-one", "clusters") };
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 2);

        await host.Drain("alone");
        await Eventually.True(() => host.Get<PlacementDesk>().Due.Contains("alone"));

        // Its loop has passed with this in force when something that it decides later is decided.
        var marker = Pool();
        await Engine.Ensure(marker, default);
        await Until(marker.Id, pool => pool.Ready == 1);
        Assert.Equal(2, (await Engine.Describe(spec.Id, default)).Value.Ready);
        Assert.True((await host.Get<IPoolStore>().Find(spec.Id, default))!.ShareIn("alone")!.Stays);
    }

    [Fact]
    [Trait("Category", "Soak")] // Two minutes: leases and probes go by the database's clock.
    public async Task Of_clusters_whose_control_planes_are_lost_one_that_requests_do_not_reach_is_left_and_one_that_serves_is_frozen_as_one_host_sees_it()
    {
        var spec = Pool(replicas: 9) with { Ceiling = 9, Location = new(ServerlessHost.Provider, ServerlessHost.RegionToLose, "clusters") };
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 9);
        var (store, desk) = (host.Get<IPoolStore>(), host.Get<PlacementDesk>());
        var shares = (await store.Find(spec.Id, default))!.Shares;
        var (dying, frozen) = (shares[0].Cluster, shares[1]);
        var replicas = (await Engine.Describe(spec.Id, default)).Value.Replicas;
        Assert.Equal(shares.ToDictionary(share => share.Cluster, share => share.Replicas), replicas.CountBy(replica => replica.Group!).ToDictionary());

        (host.Requests.Failing[dying], host.Requests.Failing[frozen.Cluster]) = (1, 0);
        await Task.WhenAll(host.Clusters[dying].Kill(), host.Clusters[frozen.Cluster].Kill());
        await Eventually.True(() => desk.Health[frozen.Cluster].Phase == HealthPhase.Frozen, LostWithin);
        Assert.True((await store.Find(spec.Id, default))!.ShareIn(dying)!.Stays);

        await Eventually.True(() => desk.Health[dying].Phase == HealthPhase.Dead, LostWithin);
        await Eventually.True(async () => (await store.Find(spec.Id, default))!.ShareIn(dying) is null or { Leaving: true }, LostWithin);

        var left = (await store.Find(spec.Id, default))!;
        Assert.True(left.ReadyToStay >= 9, $"{left.ReadyToStay} were ready elsewhere");
        Assert.Equal((frozen.Replicas, true), (left.ShareIn(frozen.Cluster)!.Replicas, left.ShareIn(frozen.Cluster)!.Stays));
        Assert.Equal(HealthPhase.Frozen, desk.Health[frozen.Cluster].Phase);
    }

    [Fact]
    public async Task A_location_without_a_cluster_is_refused_by_name()
    {
        var refused = await Engine.Ensure(Pool() with { Location = new("aws", "mars", "clusters") }, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Equal("location", Assert.Single(refused.Fault!.Fields).Field);
    }

    internal static ReleaseSpec Release(ScopeRef scope, int number, InstanceSize size) => new(
        ReleaseId.Parse($"{number:x16}"),
        scope,
        VersionName.Parse($"1.{number}.0"),
        new("file:///nowhere", $"sha256:{new string('0', 64)}", "run", []),
        new Dictionary<string, string>(),
        size,
        "/health");
}
