using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Endpoints;
using Fury.Testing;

namespace Fury.Mesh.Tests;

public sealed class PoolEndpointsTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();

    [Fact]
    public async Task Old_news_of_a_pool_changes_nothing()
    {
        var pool = MeshHost.Pool();
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 2, revision: 5));
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await Mesh.Feed.Refresh(default);
        var revision = Mesh.Feed.Revision;

        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 9, revision: 4));
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 9, revision: 5));
        await Mesh.Feed.Refresh(default);

        await using var proxy = await Mesh.Proxy("one").Connect(Scope);
        await Eventually.True(() => proxy.Endpoints(Scope, pool) == 2);
        Assert.Equal(revision, Mesh.Feed.Revision);
    }

    [Fact]
    public async Task News_that_changes_no_endpoint_moves_no_revision_and_still_makes_older_news_old()
    {
        var pool = MeshHost.Pool();
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 1, revision: 1));
        await Mesh.Feed.Refresh(default);
        var revision = Mesh.Feed.Revision;

        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 1, revision: 3, restarts: 7));
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 5, revision: 2));
        await Mesh.Feed.Refresh(default);

        Assert.Equal(revision, Mesh.Feed.Revision);
    }

    [Fact]
    public async Task A_pool_that_becomes_empty_or_retires_keeps_its_entry_in_the_table()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await using var proxy = await Mesh.Proxy("one").Connect(Scope);
        await Eventually.True(() => proxy.Endpoints(Scope, pool) == 1);

        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 0, revision: 2));
        await Eventually.True(() => proxy.Endpoints(Scope, pool) == 0);
        Assert.Equal([new PoolWeight(pool, 100)], proxy.Routes(Scope));

        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 0, revision: 3, PoolPhase.Retired));
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, ready: 3, revision: 2));
        await Mesh.Feed.Refresh(default);
        Assert.Equal([new PoolWeight(pool, 100)], proxy.Routes(Scope));
        Assert.Equal(0, proxy.Endpoints(Scope, pool));
    }

    [Fact]
    public void Only_ready_replicas_with_an_address_of_an_active_pool_are_endpoints()
    {
        var ready = MeshHost.PoolState(MeshHost.Pool(), Scope, ready: 2, revision: 1);
        var mixed = ready with
        {
            Replicas =
            [
                ready.Replicas[1],
                ready.Replicas[0] with { Phase = ReplicaPhase.Unready },
                ready.Replicas[0] with { Address = null },
                ready.Replicas[0] with { Phase = ReplicaPhase.Stopping },
            ],
        };

        Assert.Equal([ready.Replicas[1].Id], PoolEndpoints.ReadyIn(mixed).Select(endpoint => endpoint.Replica));
        Assert.Empty(PoolEndpoints.ReadyIn(ready with { Phase = PoolPhase.Retiring }));
        Assert.Equal(PoolEndpoints.ReadyIn(ready), PoolEndpoints.ReadyIn(ready with { Replicas = [.. ready.Replicas.Reverse()] }));
    }
}
