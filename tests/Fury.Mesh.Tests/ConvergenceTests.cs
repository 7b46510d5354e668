using Dapper;
using Fury.Kernel;
using Fury.Mesh.Proxies;

namespace Fury.Mesh.Tests;

public sealed class ConvergenceTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_proxy_that_has_connected_and_applied_nothing_is_waited_for()
    {
        await using var proxy = await Mesh.Proxy("one").Connect();
        var table = await Mesh.Publish(Scope, 1);

        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.FromMilliseconds(50), default);
        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);
        await proxy.ReadTo(table.Version);
        await proxy.Acknowledge();

        Assert.Equal(["one"], behind.Waiting.Select(state => state.Proxy));
        Assert.True((await waiting).Done);
    }

    [Fact]
    public async Task A_later_version_covers_every_earlier_one()
    {
        await using var proxy = await Mesh.Proxy("one").Connect();
        var earlier = await Mesh.Publish(Scope, 1);
        await Mesh.ReadyPool(Scope);

        await proxy.ReadTo(earlier.Version + 1);
        await proxy.Acknowledge();

        Assert.True((await Mesh.Tables.Converged(Scope, earlier.Version, TimeSpan.Zero, default)).Done);
    }

    [Fact]
    public async Task A_silent_proxy_stops_holding_others_up_and_is_named()
    {
        await using var proxy = await Mesh.Proxy("dead").Connect();
        var table = await Mesh.Publish(Scope, 1);
        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);

        for (var beat = 0; beat < ProxyRoster.SilentBeatsMax; beat++)
        {
            Mesh.Roster.Beat();
        }

        var converged = await waiting;
        Assert.True(converged.Done);
        Assert.Equal("dead", Assert.Single(converged.Lost).Proxy);

        // It speaks again, so it counts again.
        await proxy.Report();
        Assert.False((await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Done);
    }

    [Fact]
    public async Task A_proxy_of_another_host_is_waited_for_from_the_moment_it_connects_until_it_has_applied()
    {
        var other = Another();
        await using var proxy = await other.Proxy("far").Connect();
        var table = await Mesh.Publish(Scope, 1);
        var behind = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        var waiting = Mesh.Tables.Converged(Scope, table.Version, Long, default);

        await other.Feed.Refresh(default);
        await proxy.ReadTo(table.Version);
        await proxy.Acknowledge();
        await other.Record();

        Assert.Equal("far", Assert.Single(behind.Waiting).Proxy);
        Assert.True((await waiting).Done);
    }

    [Fact]
    public async Task A_proxy_of_another_host_that_was_not_heard_of_for_the_bound_is_lost()
    {
        await using var proxy = await Another().Proxy("far").Connect();
        var table = await Mesh.Publish(Scope, 1);

        // Before the server's own start lies outside of the grace after a restart too.
        await Sql($"update mesh.proxy set heard_at = pg_postmaster_start_time() - interval '1 day' where name = 'far'");
        await Sql("select pg_sleep(greatest(0, 3.1 - extract(epoch from clock_timestamp() - pg_postmaster_start_time())))");

        var converged = await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default);
        Assert.Equal("far", Assert.Single(converged.Lost).Proxy);
        Assert.True(converged.Done);
    }

    [Fact]
    public async Task The_proxies_of_a_dead_incarnation_of_this_node_hold_nobody_up()
    {
        await Sql($"""
            insert into mesh.proxy (name, node, incarnation, applied, heard_at)
            select 'before', node, '{Guid.CreateVersion7()}', 0, clock_timestamp()
              from (select '{Mesh.Node.Name}' as node) as here
            """);

        await using var proxy = await Mesh.Proxy("after").Connect();
        var table = await Mesh.Publish(Scope, 1);
        await proxy.ReadTo(table.Version);
        await proxy.Acknowledge();

        Assert.True((await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Done);
        var all = await Mesh.Proxies.List(new PageQuery(), default);
        Assert.Equal(["after"], all.Where(each => each.Live).Select(each => each.State.Proxy));
    }

    private async Task Sql(string sql)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
