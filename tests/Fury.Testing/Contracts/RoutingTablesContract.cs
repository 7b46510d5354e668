using Fury.Kernel;
using Fury.Mesh.Contracts;
using Xunit;

namespace Fury.Testing;

/// <summary>What deployments rely on in a mesh. A subclass gives the mesh, and plays the engine and the proxies to it.</summary>
public abstract class RoutingTablesContract
{
    protected ScopeRef Scope { get; } = ScopeRef.Parse($"shop/production-{Guid.NewGuid():n}"[..30]);

    protected abstract IRoutingTables Tables { get; }

    /// <summary>The mesh has heard that the pool has so many ready endpoints.</summary>
    protected abstract Task Endpoints(PoolId pool, ScopeRef scope, int ready);

    /// <summary>A proxy that uses the scope has connected, and applies nothing unless told.</summary>
    protected abstract Task Connect(string proxy);

    protected abstract Task Apply(string proxy, long version);

    /// <summary>What the proxy has met since it was asked last. The mesh has heard of every publication before.</summary>
    protected abstract Task Report(string proxy, PoolTraffic traffic);

    /// <summary>The mesh has heard that the scope calls these, by its owners and by its proxies.</summary>
    protected abstract Task Depend(ScopeRef scope, IReadOnlyList<ScopeRef> declared, IReadOnlyList<ScopeRef> seen);

    /// <summary>How a pool's replicas are called, from number 1 on.</summary>
    public static InstanceId Replica(PoolId pool, int number) => InstanceId.From(new Guid(number, 0, 0, pool.Value.ToByteArray()[8..]));

    [Fact]
    public async Task AScope_without_a_publication_has_version_0_and_no_pools()
    {
        var table = await Tables.Current(Scope, default);

        Assert.Equal(0, table.Version);
        Assert.Empty(table.Pools);
    }

    [Fact]
    public async Task A_published_table_is_the_current_one_and_versions_grow()
    {
        var (old, candidate) = (await ReadyPool(), await ReadyPool());

        var first = await Published([new(old, 100)], fence: 1);
        var second = await Published([new(candidate, 100), new(old, 0)], fence: 1);

        Assert.True(second.Version > first.Version);
        var current = await Tables.Current(Scope, default);
        Assert.Equal(second.Version, current.Version);
        Assert.Equal([new PoolWeight(candidate, 100), new PoolWeight(old, 0)], current.Pools);
    }

    [Fact]
    public async Task The_same_pools_and_weights_again_keep_the_version()
    {
        var pool = await ReadyPool();
        var first = await Published([new(pool, 100)], fence: 1);

        var again = await Published([new(pool, 100)], fence: 1);

        Assert.Equal(first.Version, again.Version);
    }

    [Fact]
    public async Task A_lower_fence_is_refused_and_changes_nothing()
    {
        var (pool, other) = (await ReadyPool(), await ReadyPool());
        var first = await Published([new(pool, 100)], fence: 5);

        var refused = await Tables.Publish(Scope, [new(other, 100)], 4, default);

        Assert.Equal(FaultKind.Stale, refused.Fault?.Kind);
        Assert.Equal(first.Version, (await Tables.Current(Scope, default)).Version);
    }

    [Fact]
    public async Task The_same_table_under_a_higher_fence_shuts_out_the_earlier_publisher()
    {
        var (pool, other) = (await ReadyPool(), await ReadyPool());
        await Published([new(pool, 100)], fence: 5);

        await Published([new(pool, 100)], fence: 6);

        Assert.Equal(FaultKind.Stale, (await Tables.Publish(Scope, [new(other, 100)], 5, default)).Fault?.Kind);
        Assert.Equal(6, (await Tables.Current(Scope, default)).Fence);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(-1)]
    [InlineData(99.99)]
    public async Task Weights_that_do_not_add_up_to_100_are_refused(double weight)
    {
        var pool = await ReadyPool();

        var refused = await Tables.Publish(Scope, [new(pool, (decimal)weight)], 1, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Empty((await Tables.Current(Scope, default)).Pools);
    }

    [Fact]
    public async Task A_weight_has_at_most_two_decimals()
    {
        var (old, candidate) = (await ReadyPool(), await ReadyPool());

        var refused = await Tables.Publish(Scope, [new(candidate, 0.125m), new(old, 99.875m)], 1, default);
        await Published([new(candidate, 0.25m), new(old, 99.75m)], fence: 1);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Equal([new PoolWeight(candidate, 0.25m), new PoolWeight(old, 99.75m)], (await Tables.Current(Scope, default)).Pools);
    }

    [Fact]
    public async Task A_pool_without_a_ready_endpoint_gets_no_weight_but_may_be_the_fallback()
    {
        var (ready, dead) = (await ReadyPool(), PoolId.New(TimeProvider.System));

        var refused = await Tables.Publish(Scope, [new(dead, 100), new(ready, 0)], 1, default);
        var published = await Tables.Publish(Scope, [new(ready, 100), new(dead, 0)], 1, default);

        Assert.Equal(FaultKind.Conflict, refused.Fault?.Kind);
        Assert.True(published.IsOk, published.Fault?.ToString());
    }

    [Fact]
    public async Task The_empty_table_may_be_published()
    {
        var pool = await ReadyPool();
        await Published([new(pool, 100)], fence: 1);

        var empty = await Published([], fence: 1);

        Assert.Empty(empty.Pools);
    }

    [Fact]
    public async Task A_version_has_converged_once_every_live_proxy_has_applied_it()
    {
        await Connect("one");
        await Connect("two");
        var table = await Published([new(await ReadyPool(), 100)], fence: 1);
        await Apply("one", table.Version);

        var behind = await Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        var waiting = Tables.Converged(Scope, table.Version, TimeSpan.FromSeconds(20), default);
        await Apply("two", table.Version);

        Assert.Equal(["two"], behind.Waiting.Select(proxy => proxy.Proxy));
        Assert.True((await waiting).Done);
    }

    [Fact]
    public async Task Patience_ends_with_the_names_of_those_that_are_behind()
    {
        await Connect("slow");
        var table = await Published([new(await ReadyPool(), 100)], fence: 1);

        var behind = await Tables.Converged(Scope, table.Version, TimeSpan.FromMilliseconds(50), default);

        Assert.Equal("slow", Assert.Single(behind.Waiting).Proxy);
    }

    [Fact]
    public async Task A_pool_is_drained_once_every_proxy_has_applied_the_table_and_reported_it_idle()
    {
        await Connect("one");
        var (old, candidate) = (await ReadyPool(), await ReadyPool());
        await Apply("one", (await Published([new(old, 100)], fence: 1)).Version);
        var table = await Published([new(candidate, 100)], fence: 1);

        var behind = await Tables.Drained(Scope, old, table.Version, TimeSpan.Zero, default);
        await Apply("one", table.Version);
        await Report("one", PoolTraffic.None(old) with { InFlight = 2 });
        var busy = await Tables.Drained(Scope, old, table.Version, TimeSpan.Zero, default);
        var waiting = Tables.Drained(Scope, old, table.Version, TimeSpan.FromSeconds(20), default);
        await Report("one", PoolTraffic.None(old));

        Assert.Equal(ProxyStage.Waiting, Assert.Single(behind.Waiting).Stage);
        Assert.Equal(ProxyStage.Busy, Assert.Single(busy.Waiting).Stage);
        Assert.True((await waiting).Done);
        Assert.True((await Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Done);
    }

    [Fact]
    public async Task A_hold_has_a_version_that_proxies_apply_and_the_same_again_keeps_it()
    {
        await Connect("one");
        var table = await Published([new(await ReadyPool(), 100)], fence: 1);
        await Apply("one", table.Version);

        var held = await Tables.Hold(Scope, true, default);
        var behind = await Tables.Converged(Scope, held, TimeSpan.Zero, default);
        await Apply("one", held);
        var again = await Tables.Hold(Scope, true, default);
        var applied = await Tables.Converged(Scope, again, TimeSpan.Zero, default);
        var off = await Tables.Hold(Scope, false, default);

        Assert.Equal("one", Assert.Single(behind.Waiting).Proxy);
        Assert.True(applied.Done);
        Assert.Equal(held, again);
        Assert.True(off > held);
        Assert.Equal(table.Pools, (await Tables.Current(Scope, default)).Pools);
    }

    [Fact]
    public async Task Traffic_is_the_sum_over_proxies_and_zero_for_a_pool_without_any()
    {
        var (pool, quiet) = (await ReadyPool(), PoolId.New(TimeProvider.System));
        await Connect("one");
        await Connect("two");
        await Report("one", PoolTraffic.None(pool) with { Requests = 10, Errors = 2, InFlight = 1 });
        await Report("two", PoolTraffic.None(pool) with { Requests = 5, Failures = 1, InFlight = 3 });

        var traffic = await Tables.Traffic([pool, quiet], default);

        Assert.Equal([pool, quiet], traffic.Select(one => one.Pool));
        Assert.Equal((15, 2, 1, 4), (traffic[0].Requests, traffic[0].Errors, traffic[0].Failures, traffic[0].InFlight));
        Assert.Equal((0, 0), (traffic[1].Requests, traffic[1].InFlight));
    }

    [Fact]
    public async Task Replicas_are_told_one_by_one_while_the_table_names_two_pools_and_no_longer()
    {
        var (old, candidate) = (await ReadyPool(), await ReadyPool(2));
        await Connect("one");
        await Connect("two");
        await Published([new(candidate, 1), new(old, 99)], fence: 1);
        var (well, sick) = (new ReplicaTraffic(Replica(candidate, 1), 20, 0, Took(20)), new ReplicaTraffic(Replica(candidate, 2), 10, 9, Took(10)));
        await Report("one", PoolTraffic.None(candidate) with { Requests = 30, Errors = 9, Replicas = [well, sick] });
        await Report("two", PoolTraffic.None(candidate) with { Requests = 10, Errors = 5, Replicas = [sick with { Errors = 5 }] });

        var seen = (await Tables.Traffic([old, candidate], default)).Select(pool => pool.Replicas).ToList();
        await Published([new(candidate, 100)], fence: 1);

        Assert.Empty(seen[0]);
        Assert.Equal([(well.Replica, 20, 0), (sick.Replica, 20, 14)], seen[1].Select(replica => (replica.Replica, replica.Requests, replica.Errors)));
        Assert.Equal([20, 20], seen[1].Select(replica => replica.LatencyCounts[3]));
        await Eventually.True(async () => (await Tables.Traffic([candidate], default)) is [{ Requests: 40, Replicas: [] }]);

        static long[] Took(long requests) => [0, 0, 0, requests, .. new long[Latency.BucketBounds.Count - 3]];
    }

    [Fact]
    public async Task What_a_scope_calls_is_what_was_declared_and_what_was_seen()
    {
        var (api, users, log) = (ScopeRef.Parse("shop/production-api"), ScopeRef.Parse("people/production-users"), ScopeRef.Parse("shop/production-log"));
        await Depend(Scope, declared: [api, users], seen: [users, log]);

        Assert.Equal([users, api, log], await Tables.Dependencies(Scope, default));
        Assert.Empty(await Tables.Dependencies(api, default));
    }

    private async Task<PoolId> ReadyPool(int ready = 1)
    {
        var pool = PoolId.New(TimeProvider.System);
        await Endpoints(pool, Scope, ready);
        return pool;
    }

    private async Task<RoutingTable> Published(IReadOnlyList<PoolWeight> pools, long fence)
    {
        var published = await Tables.Publish(Scope, pools, fence, default);
        Assert.True(published.IsOk, published.Fault?.ToString());
        return published.Value;
    }
}
