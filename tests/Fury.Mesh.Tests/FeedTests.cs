using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;
using Fury.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.Mesh.Tests;

public sealed class FeedTests : MeshTest
{
    private static readonly ScopeRef Web = MeshHost.Scope();
    private static readonly ScopeRef Worker = MeshHost.Scope("worker");

    [Fact]
    public async Task A_proxy_hears_the_whole_state_first_and_then_what_changes()
    {
        var (web, worker) = (await Mesh.ReadyPool(Web), await Mesh.ReadyPool(Worker));
        await Mesh.Publish(Web, 1, new PoolWeight(web, 100));
        var second = await Mesh.Publish(Worker, 1, new PoolWeight(worker, 100));
        await using var proxy = await Mesh.Proxy("one").Connect();

        Assert.True(proxy.Seen.Single().Whole);
        Assert.Equal(second.Version, proxy.Version);
        Assert.Equal(["production-web.shop.localhost"], proxy.Routes[Web].Hosts);

        var third = await Mesh.Publish(Web, 1);
        var update = await proxy.Read();
        Assert.Equal((third.Version, false), (update.Version, update.Whole));
        Assert.Equal([Web], update.Scopes.Select(scope => scope.Scope));
        Assert.Empty(proxy.Routes[Web].Pools);
    }

    [Fact]
    public async Task Changes_that_come_faster_than_a_proxy_reads_are_one()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Web), await Mesh.ReadyPool(Web));
        await using var proxy = await Mesh.Proxy("slow").Connect();

        var last = 0L;
        for (var weight = 0; weight <= 100; weight += 10)
        {
            last = (await Mesh.Publish(Web, 1, new PoolWeight(old, 100 - weight), new PoolWeight(candidate, weight))).Version;
        }

        await Eventually.True(() => Mesh.Feed.Revision == last);
        await proxy.ReadTo(last);

        // The first of them may have been under way before the others came.
        Assert.InRange(proxy.Seen.Count, 2, 3);
        Assert.Equal([0, 100], proxy.Routes[Web].Pools.Select(pool => pool.Weight));
    }

    [Fact]
    public async Task What_another_host_publishes_reaches_the_proxies_of_this_one()
    {
        var pool = await Mesh.ReadyPool(Web);
        await using var proxy = await Mesh.Proxy("one").Connect();

        var table = await Another().Publish(Web, 1, new PoolWeight(pool, 100));

        await proxy.ReadTo(table.Version);
        Assert.Equal(pool, proxy.Routes[Web].Pools.Single().Pool);
    }

    [Fact]
    public async Task A_restarted_host_gives_nothing_before_it_has_loaded_everything()
    {
        var pool = await Mesh.ReadyPool(Web);
        var table = await Mesh.Publish(Web, 1, new PoolWeight(pool, 100));
        var restarted = Another();
        var health = new RoutesLoaded(restarted.Feed);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new())).Status);

        await using var proxy = await restarted.Proxy("one").Connect();

        Assert.Equal((true, table.Version), (proxy.Seen.Single().Whole, proxy.Version));
        Assert.Equal(pool, proxy.Routes[Web].Pools.Single().Pool);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new())).Status);
    }

    [Fact]
    public async Task A_change_of_a_pool_that_no_table_names_is_a_version_without_scopes()
    {
        await using var proxy = await Mesh.Proxy("one").Connect();

        await Mesh.ReadyPool(Web);

        Assert.Empty((await proxy.Read()).Scopes);
        Assert.Empty(proxy.Routes);
    }
}
