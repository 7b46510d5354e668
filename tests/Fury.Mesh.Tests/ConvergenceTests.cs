using Dapper;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Mesh.Tests;

public sealed class ConvergenceTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_proxy_that_uses_the_scope_is_waited_for_and_one_that_does_not_is_not()
    {
        await using var proxy = await Mesh.Proxy("uses").Connect(Scope);
        await using var other = await Mesh.Proxy("other").Connect(MeshHost.Scope("other"));
        (proxy.Hold, other.Hold) = (true, true);
        var table = await Mesh.Publish(Scope, 1);

        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.FromMilliseconds(50), default);
        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);
        proxy.Hold = false;

        Assert.Equal([("uses", ProxyStage.Waiting)], behind.Waiting.Select(state => (state.Proxy, state.Stage)));
        Assert.True((await waiting).Done);
    }

    [Fact]
    public async Task A_route_is_not_applied_before_its_cluster_and_endpoints_are()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await using var proxy = await Mesh.Proxy("one").Connect(Scope);
        proxy.HoldsOnly = TypeUrls.ClusterLoadAssignment;
        var table = await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await Eventually.True(() => proxy.Endpoints(Scope, pool) == 1);

        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        proxy.HoldsOnly = null;

        Assert.Contains("Endpoint", Assert.Single(behind.Waiting).Detail, StringComparison.Ordinal);
        Assert.True((await Mesh.Tables.Converged(Scope, table.Version, Long, default)).Done);
    }

    [Fact]
    public async Task A_refusal_holds_the_step_with_its_words_and_the_next_good_table_recovers()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await using var proxy = await Mesh.Proxy("picky").Connect(Scope);
        await Eventually.True(() => proxy.Routes(Scope) is [_]);
        proxy.Refuses = "weights look odd";
        var bad = await Mesh.Publish(Scope, 1);

        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, bad.Version, TimeSpan.Zero, default)).Waiting is
            [{ Proxy: "picky", Stage: ProxyStage.Rejected } state] && state.Detail.Contains("weights look odd", StringComparison.Ordinal));
        Assert.NotEmpty(proxy.Routes(Scope)!);

        // What was refused is never sent again, not even to the same proxy on a new connection.
        proxy.Refuses = null;
        await proxy.Break();
        await proxy.Connect(Scope);
        Assert.NotEmpty(proxy.Routes(Scope)!);
        Assert.Equal(
            ProxyStage.Rejected, Assert.Single((await Mesh.Tables.Converged(Scope, bad.Version, TimeSpan.Zero, default)).Waiting).Stage);

        var other = await Mesh.ReadyPool(Scope);
        var good = await Mesh.Publish(Scope, 1, new PoolWeight(other, 100));
        Assert.True((await Mesh.Tables.Converged(Scope, good.Version, Long, default)).Done);
        Assert.Equal([new PoolWeight(other, 100)], proxy.Routes(Scope));
    }

    [Fact]
    public async Task A_table_that_is_again_what_a_proxy_has_acknowledged_holds_while_it_may_still_apply_what_came_between()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope));
        var first = await Mesh.Publish(Scope, 1, new PoolWeight(old, 100));
        await using var proxy = await Mesh.Proxy("late").Connect(Scope);
        Assert.True((await Mesh.Tables.Converged(Scope, first.Version, Long, default)).Done);
        proxy.HoldsOnly = TypeUrls.RouteConfiguration;
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 100));
        await Eventually.True(() => proxy.Routes(Scope) is [var only] && only.Pool == candidate);

        var back = await Mesh.Publish(Scope, 1, new PoolWeight(old, 100));
        var behind = await Mesh.Tables.Converged(Scope, back.Version, TimeSpan.Zero, default);
        proxy.HoldsOnly = null;

        Assert.Equal([("late", ProxyStage.Waiting)], behind.Waiting.Select(state => (state.Proxy, state.Stage)));
        Assert.True((await Mesh.Tables.Converged(Scope, back.Version, Long, default)).Done);
        Assert.Equal([new PoolWeight(old, 100)], proxy.Acknowledged(Scope));
    }

    [Fact]
    public async Task A_proxy_that_has_gone_holds_the_step_until_it_is_back_or_forgotten()
    {
        await using var proxy = await Mesh.Proxy("gone").Connect(Scope);
        await proxy.Break();
        var table = await Mesh.Publish(Scope, 1);
        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting is
            [{ Proxy: "gone", Stage: ProxyStage.Disconnected }]);

        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);
        await proxy.Connect(Scope);
        Assert.True((await waiting).Done);

        await proxy.Break();
        var next = await Mesh.Publish(Scope, 1, new PoolWeight(await Mesh.ReadyPool(Scope), 100));
        await Eventually.True(() => Mesh.Proxies.Forget("gone", default));
        Assert.True((await Mesh.Tables.Converged(Scope, next.Version, Long, default)).Done);
    }

    [Fact]
    public async Task A_proxy_that_has_been_gone_for_the_bound_is_not_waited_for_unless_its_replica_lives()
    {
        var pool = await Mesh.ReadyPool(Scope);
        var replica = MeshHost.PoolState(pool, Scope, 1, 1).Replicas[0].Id.ToString();
        foreach (var name in new[] { "stranger", replica })
        {
            await using var proxy = await Mesh.Proxy(name).Connect(Scope);
        }

        var table = await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting.Count == 2);
        await Sql("update mesh.proxy set left_at = left_at - interval '1 hour'");

        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        Assert.Equal(replica, Assert.Single(behind.Waiting).Proxy);
    }

    [Fact]
    public async Task A_proxy_of_another_host_is_waited_for_until_it_has_applied()
    {
        var other = await Another().Serve();
        await using var proxy = await other.Proxy("far").Connect(Scope);
        proxy.Hold = true;
        var table = await Mesh.Publish(Scope, 1);
        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting is
            [{ Stage: ProxyStage.Waiting } host] && host.Proxy.StartsWith("host ", StringComparison.Ordinal));

        await other.Feed.Refresh(default);
        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting is
            [{ Proxy: "far", Stage: ProxyStage.Waiting }]);
        proxy.Hold = false;

        Assert.True((await Mesh.Tables.Converged(Scope, table.Version, Long, default)).Done);
    }

    [Fact]
    public async Task A_host_that_dies_leaves_its_proxies_to_be_waited_for_until_they_are_elsewhere()
    {
        var other = await Another().Serve();
        await using var proxy = await other.Proxy("orphan").Connect(Scope);
        await other.Stop();

        // As if nothing had been said at its end; and the server's own start lies outside of the grace after a restart.
        await Sql($"""
            insert into mesh.host values ('{other.Node.Name}', '{other.Node.Incarnation}', clock_timestamp() - interval '1 minute', 0);
            update mesh.proxy set left_at = null;
            select pg_sleep(greatest(0, 3.1 - extract(epoch from clock_timestamp() - pg_postmaster_start_time())))
            """);
        var table = await Mesh.Publish(Scope, 1);
        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        Assert.Equal([("orphan", ProxyStage.Disconnected)], behind.Waiting.Select(state => (state.Proxy, state.Stage)));

        await using var again = new TestProxy(Mesh.Xds.Address, "orphan");
        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);
        await again.Connect(Scope);
        Assert.True((await waiting).Done);
    }

    [Fact]
    public async Task A_pool_is_not_drained_while_a_proxy_has_reported_no_load_since()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope));
        await Mesh.Publish(Scope, 1, new PoolWeight(old, 100));
        await using var proxy = await Mesh.Proxy("mute").Connect(Scope);
        var table = await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 100));
        Assert.True((await Mesh.Tables.Converged(Scope, table.Version, Long, default)).Done);

        var mute = await Mesh.Tables.Drained(Scope, old, table.Version, TimeSpan.Zero, default);
        await proxy.ReportOnAndOn(Mesh.Book, PoolTraffic.None(candidate));

        Assert.Equal(ProxyStage.Busy, Assert.Single(mute.Waiting).Stage);
        Assert.True((await Mesh.Tables.Drained(Scope, old, table.Version, Long, default)).Done);
    }

    private async Task Sql(string sql)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
