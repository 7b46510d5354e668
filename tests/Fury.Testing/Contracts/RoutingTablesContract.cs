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

    protected abstract Task Report(string proxy, PoolTraffic traffic);

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
    public async Task Weights_that_do_not_add_up_to_100_are_refused(int weight)
    {
        var pool = await ReadyPool();

        var refused = await Tables.Publish(Scope, [new(pool, weight)], 1, default);

        Assert.False(refused.IsOk);
        Assert.Empty((await Tables.Current(Scope, default)).Pools);
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

    private async Task<PoolId> ReadyPool()
    {
        var pool = PoolId.New(TimeProvider.System);
        await Endpoints(pool, Scope, 1);
        return pool;
    }

    private async Task<RoutingTable> Published(IReadOnlyList<PoolWeight> pools, long fence)
    {
        var published = await Tables.Publish(Scope, pools, fence, default);
        Assert.True(published.IsOk, published.Fault?.ToString());
        return published.Value;
    }
}
