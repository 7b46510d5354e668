using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Testing;

namespace Fury.Sidecar.Tests;

/// <summary>What is known of each replica while its scope is split, whatever carries the requests.</summary>
/// <param name="measures">Whether it measures latencies.</param>
public abstract class ReplicaContract(string dataPlane, bool measures)
{
    private const int Requests = 40;

    [Fact]
    public async Task One_sick_replica_of_two_is_told_from_the_other_while_its_scope_is_split_and_not_otherwise()
    {
        await using var world = await World.Start(dataPlane);
        var (well, sick) = (await world.Backend("well"), await world.Backend("sick"));
        sick.Fails = true;
        var pool = new WeightedPool(World.Pool(), 100, [World.At(well.Port), World.At(sick.Port)]);
        await world.Route(pool);
        await Send(world, Requests);
        await Counted(world, pool.Pool, Requests);
        Assert.Empty(world.Feed.Traffic(pool.Pool).Replicas);
        var (wellBefore, sickBefore) = (well.Requests, sick.Requests);

        await world.Route(pool, Other);
        await Send(world, Requests);
        await Counted(world, pool.Pool, 2 * Requests);

        var seen = await Replicas(world, pool.Pool, Requests);
        Assert.Equal((well.Requests - wellBefore, 0L), (seen[well.Port].Requests, seen[well.Port].Errors));
        Assert.Equal((sick.Requests - sickBefore, seen[sick.Port].Requests), (seen[sick.Port].Errors, seen[sick.Port].Begun));
        Assert.All(seen.Values, replica => Assert.Equal(measures ? replica.Requests : 0, replica.LatencyCounts.Sum()));

        await world.Route(pool);
        await Send(world, Requests);
        await Counted(world, pool.Pool, 3 * Requests);
        Assert.Empty(world.Feed.Traffic(pool.Pool).Replicas);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_connected_to_has_the_error_though_another_has_saved_the_request()
    {
        await using var world = await World.Start(dataPlane);
        var (well, closed) = (await world.Backend("well"), World.ClosedPort());
        var pool = new WeightedPool(World.Pool(), 100, [World.At(well.Port), World.At(closed)]);
        await world.Route(pool, Other);

        await Send(world, Requests);

        await Counted(world, pool.Pool, Requests);
        Assert.Equal((0, 0), (world.Feed.Traffic(pool.Pool).Errors, world.Feed.Traffic(pool.Pool).Failures));
        await Eventually.True(() => world.Feed.Traffic(pool.Pool).Replicas.Any(replica =>
            replica.Endpoint.Port == closed && replica.Requests > 0 && replica.Errors == replica.Requests));
    }

    [Fact]
    public async Task What_a_replica_has_answered_stays_known_when_it_goes_and_goes_on_when_it_comes_back()
    {
        await using var world = await World.Start(dataPlane);
        var (stays, leaves) = (await world.Backend("stays"), await world.Backend("leaves"));
        var pool = new WeightedPool(World.Pool(), 100, [World.At(stays.Port), World.At(leaves.Port)]);
        await world.Route(pool, Other);
        await Send(world, Requests);
        await Replicas(world, pool.Pool, Requests);

        await world.Route(pool with { Endpoints = [World.At(stays.Port)] }, Other);
        await Send(world, Requests);
        var gone = await Replicas(world, pool.Pool, 2 * Requests);
        await world.Route(pool, Other);
        await Send(world, Requests);
        var back = await Replicas(world, pool.Pool, 3 * Requests);

        Assert.InRange(gone[leaves.Port].Requests, 1, Requests - 1);
        Assert.Equal(leaves.Requests, back[leaves.Port].Requests);
        Assert.InRange(leaves.Requests, gone[leaves.Port].Requests + 1, Requests * 3);
    }

    private static WeightedPool Other => new(World.Pool(), 0, []);

    private static async Task Send(World world, int requests)
    {
        for (var request = 0; request < requests; request++)
        {
            using var response = await world.Get();
        }
    }

    private static Task Counted(World world, PoolId pool, int requests) => Eventually.True(() => world.Feed.Traffic(pool).Requests == requests);

    /// <summary>By port, once they have answered so many together.</summary>
    private static async Task<Dictionary<int, ReplicaTraffic>> Replicas(World world, PoolId pool, int requests)
    {
        await Eventually.True(() => world.Feed.Traffic(pool).Replicas.Sum(replica => replica.Requests) == requests);
        return world.Feed.Traffic(pool).Replicas.ToDictionary(replica => replica.Endpoint.Port);
    }
}
