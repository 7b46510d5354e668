using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;
using Fury.Testing;
using Fury.Xds;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.Mesh.Tests;

public sealed class FeedTests : MeshTest
{
    private static readonly ScopeRef Web = MeshHost.Scope();
    private static readonly ScopeRef Worker = MeshHost.Scope("worker");

    [Fact]
    public async Task A_proxy_hears_of_the_scopes_that_it_asks_for_and_of_no_other()
    {
        var (web, worker) = (await Mesh.ReadyPool(Web), await Mesh.ReadyPool(Worker));
        await Mesh.Publish(Web, 1, new PoolWeight(web, 100));
        await Mesh.Publish(Worker, 1, new PoolWeight(worker, 100));
        await using var proxy = await Mesh.Proxy("one").Connect(Web);

        await Eventually.True(() => proxy.Endpoints(Web, web) == 1);
        Assert.Equal([new PoolWeight(web, 100)], proxy.Routes(Web));

        await Mesh.Publish(Web, 1);
        await Eventually.True(() => proxy.Routes(Web) is []);
        Assert.Null(proxy.Routes(Worker));
    }

    [Fact]
    public async Task Changes_that_come_faster_than_a_proxy_acknowledges_are_one()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Web), await Mesh.ReadyPool(Web));
        await Mesh.Publish(Web, 1, new PoolWeight(old, 100), new PoolWeight(candidate, 0));
        await using var proxy = await Mesh.Proxy("slow").Connect(Web);
        await Eventually.True(() => proxy.Endpoints(Web, candidate) == 1);
        proxy.Hold = true;
        var before = proxy.Responses;

        var last = 0L;
        for (var weight = 10; weight <= 100; weight += 10)
        {
            last = (await Mesh.Publish(Web, 1, new PoolWeight(old, 100 - weight), new PoolWeight(candidate, weight))).Version;
        }

        await Eventually.True(() => Mesh.Feed.Revision == last && proxy.Responses > before);
        proxy.Hold = false;

        await Eventually.True(() => proxy.Routes(Web)?[1].Weight == 100);

        // The first of them may have been under way before the others came.
        Assert.InRange(proxy.Responses - before, 1, 2);
    }

    [Fact]
    public async Task Endpoints_that_come_and_go_push_endpoints_alone_and_an_empty_pool_keeps_its_cluster()
    {
        var pool = MeshHost.Pool();
        await Mesh.Tell(MeshHost.PoolState(pool, Web, 1, revision: 1));
        await Mesh.Publish(Web, 1, new PoolWeight(pool, 100));
        await using var proxy = await Mesh.Proxy("one").Connect(Web);
        await Eventually.True(() => proxy.Endpoints(Web, pool) == 1);
        var before = proxy.Responses;

        await Mesh.Tell(MeshHost.PoolState(pool, Web, 5, revision: 2));
        await Eventually.True(() => proxy.Endpoints(Web, pool) == 5);
        await Mesh.Tell(MeshHost.PoolState(pool, Web, 0, revision: 3));
        await Eventually.True(() => proxy.Endpoints(Web, pool) == 0);

        Assert.Equal(2, proxy.Responses - before);
        Assert.Contains(proxy.Has(), resource => resource.Type == TypeUrls.Cluster);
        Assert.Equal([new PoolWeight(pool, 100)], proxy.Routes(Web));
    }

    [Fact]
    public async Task What_another_host_publishes_reaches_the_proxies_of_this_one()
    {
        var pool = await Mesh.ReadyPool(Web);
        await using var proxy = await Mesh.Proxy("one").Connect(Web);

        await Another().Publish(Web, 1, new PoolWeight(pool, 100));

        await Eventually.True(() => proxy.Routes(Web) is [{ Weight: 100 }]);
    }

    [Fact]
    public async Task A_restarted_host_gives_nothing_before_it_has_loaded_and_then_the_same_versions()
    {
        var pool = await Mesh.ReadyPool(Web);
        await Mesh.Publish(Web, 1, new PoolWeight(pool, 100));
        var restarted = Another();
        var health = new RoutesLoaded(restarted.Feed);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new())).Status);

        await using var first = await Mesh.Proxy("one").Connect(Web);
        await using var second = (await restarted.Serve()).Proxy("two");
        await second.Connect(Web);
        await Eventually.True(() => first.Endpoints(Web, pool) == 1 && second.Endpoints(Web, pool) == 1);

        Assert.Equal(first.Versions(), second.Versions());
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new())).Status);
    }

    [Fact]
    public async Task A_proxy_that_comes_back_with_what_it_has_is_sent_only_what_is_new()
    {
        var pool = await Mesh.ReadyPool(Web);
        await Mesh.Publish(Web, 1, new PoolWeight(pool, 100));
        await using var proxy = await Mesh.Proxy("one").Connect(Web);
        await Eventually.True(() => proxy.Endpoints(Web, pool) == 1);
        await proxy.Break();
        var before = proxy.Responses;

        // The answer to the last question of its handshake is all that comes.
        await proxy.Connect(Web);
        Assert.Equal(1, proxy.Responses - before);

        await Mesh.Publish(Web, 1);
        await Eventually.True(() => proxy.Routes(Web) is []);
    }
}
