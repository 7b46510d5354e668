using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Watching;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What the platform team is told of room, and of who has it.</summary>
public sealed class CapacityStoreTests(TestDatabase<ServerlessModule> database) : IClassFixture<TestDatabase<ServerlessModule>>
{
    private static readonly ScopeRef Scope = ScopeRef.Parse("shop/production-web");

    private CapacityStore Store => database.Get<CapacityStore>();

    [Fact]
    public async Task Room_and_holdings_are_those_that_were_seen_promised_and_placed_page_by_page()
    {
        var cluster = Given.Cluster("seen", "aws", "east", "a", "b");
        await Register(cluster);
        await Register(Given.Cluster("unseen"));
        await database.Get<WatchStore>().Begin("seen", 1, default);
        var seen = Given.Seen(cluster, null, 4, 2) with { CpuMillisUsed = 1500, MemoryMiBUsed = 700, Potential = [new(0, 4000, 8000, 30, 3)] };
        Assert.True((await database.Get<WatchStore>().See(seen, 1, default)).IsOk);
        var (one, other) = (await Pool(1, ("seen", 3)), await Pool(2, ("seen", 1), ("unseen", 2)));
        await Promise(one, "seen", replicas: 3, bound: 1);

        var room = await Store.Room(null, 10, default);
        Assert.Equal(["seen", "unseen"], room.Select(each => each.Cluster));
        Assert.Equal((2, 3, 1500L, 700L), (room[0].Nodes, room[0].NodesMore, room[0].CpuMillisUsed, room[0].MemoryMiBUsed));
        Assert.Equal((3000L, 3072L, 1000L, 1024L), (room[0].CpuMillisFree, room[0].MemoryMiBFree, room[0].CpuMillisPromised, room[0].MemoryMiBPromised));
        Assert.Equal((0.03, 0.004), (room[0].CpuHourPrice, room[0].MemoryHourPrice));
        Assert.NotNull(room[0].SeenAt);
        Assert.Equal((true, 0, 0L), (room[1].SeenAt is null, room[1].Nodes, room[1].CpuMillisFree));
        Assert.Equal(["unseen"], (await Store.Room("seen", 10, default)).Select(each => each.Cluster));

        var held = await Store.Holdings("seen", null, 10, default);
        Assert.Equal([(one, 3, 2), (other, 1, 0)], held.Select(each => (each.Pool, each.Replicas, each.Promised)));
        Assert.Equal((Scope, 500, 512), (held[0].Scope, held[0].CpuMillis, held[0].MemoryMiB));
        Assert.Equal(3 * ((0.5 * 0.03) + (0.5 * 0.004)), held[0].DollarsPerHour, 6);
        Assert.Equal((true, false), (held[0].PromisedUntil is not null, held[1].PromisedUntil is not null));

        var all = await Store.Holdings(null, null, 10, default);
        Assert.Equal(3, all.Count);
        Assert.Equal(all.Skip(1).Select(each => each.Key), (await Store.Holdings(null, all[0].Key, 10, default)).Select(each => each.Key));
    }

    private Task<RegisteredCluster> Register(Clusters.Cluster cluster) => database.Get<ClusterStore>().Put(cluster, new ClusterAccess("kubernetes"), default);

    private async Task<PoolId> Pool(int number, params (string Cluster, int Replicas)[] shares)
    {
        var release = new ReleaseSpec(
            ReleaseId.Parse("0123456789abcdef"), Scope, VersionName.Parse("1.0.0"), new("", "", "", []), new Dictionary<string, string>(), Given.Small, "/");
        var pool = Pools.Pool.New(new(Given.Pool(number), release, new("aws", "east", "seen"), 3, 0, 5)) with
        {
            Shares = [.. shares.Select(share => new Share(share.Cluster, new Dictionary<string, int> { ["a"] = share.Replicas }, 1))],
        };
        Assert.True((await database.Get<IPoolStore>().Change(pool.Spec.Id, (_, _) => Task.FromResult<Outcome<Pool>>(pool), default)).IsOk);
        return pool.Spec.Id;
    }

    private async Task Promise(PoolId pool, string cluster, int replicas, int bound)
    {
        var changes = new ReservationChanges();
        changes.Keep(new(pool, cluster, Given.Small, new Dictionary<string, int> { ["a"] = replicas }, bound, Given.Now, Given.Now + Reservation.TimeToLive));
        Assert.True((await database.Get<IReservationStore>().Write(1, changes, default)).IsOk);
    }
}
