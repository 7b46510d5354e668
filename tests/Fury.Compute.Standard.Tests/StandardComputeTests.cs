using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Compute.Standard.Tests;

/// <summary>The engine on a real database over a cloud in memory: the contract, and what a cloud does to it.</summary>
public sealed class StandardComputeTests(RunningStandardHost host) : ComputeEngineContract, IClassFixture<RunningStandardHost>
{
    protected override IComputeEngine Engine => host.Engine;

    protected override Location Location { get; } = new("fake", FakeInstanceProvider.Region, "instances");

    protected override ReleaseSpec GoodRelease(ScopeRef scope, int number) => Releases.Of(scope, number);

    protected override ReleaseSpec BadRelease(ScopeRef scope) =>
        Releases.Of(scope, 9, new("file:///nowhere", $"sha256:{new string('0', 64)}", FakeInstanceProvider.BadCommand, []));

    protected override IReadOnlyList<PoolState> Told(PoolId pool) => host.News.TryGetValue(pool, out var news) ? [.. news] : [];

    protected override Task Work(PoolId pool, InstanceId replica, long memoryBytes)
    {
        host.Cloud.Use(ProviderIdOf(replica), cpuSeconds: 1, memoryBytes);
        return Task.CompletedTask;
    }

    protected override Task RunOutOfMemory(PoolId pool, InstanceId replica)
    {
        host.Cloud.RunOutOfMemory(ProviderIdOf(replica));
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_instance_knows_who_it_is_from_its_environment()
    {
        var spec = Pool();
        spec = spec with { Release = spec.Release with { Environment = new Dictionary<string, string> { ["COLOUR"] = "blue" } } };
        await Engine.Ensure(spec, default);
        var pool = await Until(spec.Id, pool => pool.Ready == 1);

        var request = host.Cloud.RequestOf(ProviderIdOf(pool.Replicas[0].Id));

        Assert.Equal("blue", request.Environment["COLOUR"]);
        Assert.Equal(spec.Release.Scope.Scope.Value, request.Environment["SCOPE"]);
        Assert.Equal("shop", request.Environment["FURY_APPLICATION"]);
        Assert.Equal(spec.Release.Version.Value, request.Environment["FURY_VERSION"]);
        Assert.Equal(spec.Release.Id.Value, request.Environment["FURY_RELEASE"]);
        Assert.Equal(spec.Id.ToString(), request.Environment["FURY_POOL"]);
        Assert.Equal(pool.Replicas[0].Id.ToString(), request.Environment["FURY_INSTANCE_ID"]);
    }

    [Fact]
    public async Task A_replica_whose_process_ends_is_unready_at_once_and_ready_again_after_its_restart()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 1);
        var id = ProviderIdOf(ready.Replicas[0].Id);

        host.Cloud.Crash(id);
        var crashed = await Until(spec.Id, pool => pool.Ready == 0);
        host.Cloud.Restart(id);
        var recovered = await Until(spec.Id, pool => pool.Ready == 1);

        Assert.Equal(ReplicaPhase.Unready, crashed.Replicas[0].Phase);
        Assert.NotNull(crashed.Replicas[0].Reason);
        Assert.Equal((ready.Replicas[0].Id, 1), (recovered.Replicas[0].Id, recovered.Restarts));
    }

    [Fact]
    public async Task A_replica_that_fails_its_health_checks_is_unready_until_one_succeeds()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 1);
        var id = ProviderIdOf(ready.Replicas[0].Id);

        host.Cloud.BeSick(id);
        var sick = await Until(spec.Id, pool => pool.Ready == 0);
        host.Cloud.BeSick(id, sick: false);
        await Until(spec.Id, pool => pool.Ready == 1);

        Assert.Equal((ReplicaPhase.Unready, "It is sick."), (sick.Replicas[0].Phase, sick.Replicas[0].Reason));
    }

    [Fact]
    public async Task An_instance_that_vanishes_is_replaced()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var first = (await Until(spec.Id, pool => pool.Ready == 1)).Replicas[0];

        host.Cloud.Vanish(ProviderIdOf(first.Id));
        var replaced = await Until(spec.Id, pool => pool.Ready == 1 && pool.Replicas[0].Id != first.Id);

        Assert.Single(replaced.Replicas);
    }

    [Fact]
    public async Task What_no_one_wants_is_ended()
    {
        var tags = new Dictionary<string, string> { ["fury-engine"] = "standard", ["fury-lot"] = Guid.NewGuid().ToString() };
        var orphan = await host.Cloud.Create(
            new("orphan", FakeInstanceProvider.Region, "file:///x", "run", [], new Dictionary<string, string>(), 1, 1, tags), default);

        await Eventually.True(
            () => host.Cloud.Live.All(live => live.Id != orphan.Value[0].Id), because: "the orphan is ended", deadline: TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_instances_of_a_host_that_is_gone_for_good_are_given_up_once_that_is_sure()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 1);
        var store = host.Get<IPoolStore>();
        var node = host.Get<INode>();
        await host.Database.Source.CreateCommand($"""
            insert into standard.node (name, seen_at) values ('gone', now() - interval '1 hour');
            update standard.instance set node = 'gone' where id = '{ready.Replicas[0].Id}';
            """).ExecuteNonQueryAsync();
        var reconciler = new LostNodeReconciler(store, node, NullLogger<LostNodeReconciler>.Instance);

        await reconciler.Pass(0, default);
        var afterOne = await Engine.Describe(spec.Id, default);
        await reconciler.Pass(0, default);
        var replaced = await Until(spec.Id, pool => pool.Ready == 1 && pool.Replicas[0].Id != ready.Replicas[0].Id);

        Assert.Equal(ready.Replicas, afterOne.Value.Replicas);
        Assert.Single(replaced.Replicas);
    }

    [Fact]
    public async Task Nothing_is_left_at_the_provider_once_a_pool_is_retired()
    {
        var spec = Pool(replicas: 3);
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 3);

        await Engine.Retire(spec.Id, default);
        await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        Assert.DoesNotContain(host.Cloud.Live, live => live.Tags["fury-pool"] == spec.Id.ToString());
    }

    [Fact]
    public async Task Lines_of_all_replicas_are_read_with_their_replica()
    {
        var spec = Pool(replicas: 2);
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 2);

        var lines = await Engine.Logs(spec.Id, tail: 1, follow: false, default).ToListAsync();

        Assert.Equal(2, lines.Count);
        Assert.Equal(2, lines.Select(line => line.Replica).Distinct().Count());
    }

    private string ProviderIdOf(InstanceId replica) =>
        host.Cloud.Live.Single(live => host.Cloud.RequestOf(live.Id).Environment["FURY_INSTANCE_ID"] == replica.ToString()).Id;
}
