using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Watching;
using Fury.Hosting;
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

    protected override async Task Work(PoolId pool, InstanceId replica, long memoryBytes)
    {
        var (cluster, pod) = await PodOf(pool, replica);
        cluster.Metrics.Set(ServerlessHost.Space, pod, cpuMillis: 500, memoryBytes);
    }

    protected override async Task RunOutOfMemory(PoolId pool, InstanceId replica)
    {
        var (cluster, pod) = await PodOf(pool, replica);
        Assert.True(cluster.RunOutOfMemory(ServerlessHost.Space, pod));
    }

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
        var orphan = Workloads.Of(Pools.Pool.New(Pool()), new(cluster.Value, new Dictionary<string, int> { ["local-a"] = 1 }, 1), WorkloadIdentity.None);
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
    public async Task Scenario_17_a_cluster_that_is_to_be_left_keeps_what_has_no_place_elsewhere()
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
    public async Task Scenario_17_of_clusters_without_control_plane_the_one_that_serves_is_frozen_and_the_other_left_as_one_host_sees_it()
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
    public async Task Two_providers_are_two_places_of_one_platform_and_each_gets_what_is_asked_for_there()
    {
        Location[] places = [new("alpha", "one", "clusters"), new("beta", "two", "clusters"), new("beta", "two", "at-beta")];
        PoolSpec[] specs = [.. places.Select(place => Pool(replicas: 2) with { Location = place })];

        Assert.All(specs, spec => Assert.True(Engine.Ensure(spec, default).Result.IsOk));
        foreach (var spec in specs)
        {
            await Until(spec.Id, pool => pool.Ready == 2);
        }

        var groups = (await Engine.Describe([.. specs.Select(spec => spec.Id)], default))
            .ToDictionary(pool => pool.Id, pool => pool.Replicas.Select(replica => replica.Group).Distinct().Single());
        Assert.Equal(["at-alpha", "at-beta", "at-beta"], specs.Select(spec => groups[spec.Id]));
        Assert.Subset((await Engine.Locations(default)).ToHashSet(), places.ToHashSet());
    }

    [Fact]
    public async Task A_replica_that_its_cluster_will_not_end_counts_as_before()
    {
        var spec = Pool(replicas: 2) with { Location = new("alpha", "one", "clusters") };
        await Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 2);
        host.Clusters["at-alpha"].Access.Deny(new("deletecollection", "pods"));

        var replacing = await Engine.Replace(spec.Id, ready.Replicas[0].Id, default);
        var kept = await Until(spec.Id, pool => pool.Ready == 2);
        host.Clusters["at-alpha"].Access.Clear();
        await Engine.Replace(spec.Id, ready.Replicas[0].Id, default);
        await Until(spec.Id, pool => pool is { Ready: 2, Replicas.Count: 2 } && pool.Replicas.All(replica => replica.Id != ready.Replicas[0].Id));

        Assert.Equal(1, replacing.Value.Ready);
        Assert.Equal(ready.Replicas.Select(replica => replica.Id), kept.Replicas.Select(replica => replica.Id));
    }

    [Fact]
    public async Task Where_a_cluster_measures_nothing_nothing_is_told_of_what_replicas_use()
    {
        var (known, unknown) = (Pool(), Pool() with { Location = new("beta", "two", "clusters") });
        await Engine.Ensure(known, default);
        await Engine.Ensure(unknown, default);
        var replica = (await Until(known.Id, pool => pool.Ready == 1)).Replicas[0].Id;
        await Until(unknown.Id, pool => pool.Ready == 1);
        await Work(known.Id, replica, 1 << 20);

        IReadOnlyList<ReplicaUsage> told = [];
        await Eventually.True(async () => (told = await Engine.Usage([known.Id, unknown.Id], default)).Count > 0);

        Assert.Equal([replica], told.Select(usage => usage.Replica));
    }

    [Fact]
    public async Task A_location_without_a_cluster_is_refused_by_name()
    {
        var refused = await Engine.Ensure(Pool() with { Location = new("aws", "mars", "clusters") }, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Equal("location", Assert.Single(refused.Fault!.Fields).Field);
    }

    private async Task<(LocalCluster.Cluster Cluster, string Pod)> PodOf(PoolId pool, InstanceId replica)
    {
        var seen = (await host.Get<IPoolStore>().Find(pool, default))!.Find(replica)!;
        return (host.Clusters[seen.Cluster], seen.Name);
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
