using System.Diagnostics;
using Dapper;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>What a host with thousands of deployments under way asks for every second.</summary>
public sealed class BulkTrafficTests(ITestOutputHelper output) : MeshTest
{
    private const int Scopes = 1000;
    private const int Sources = 2;
    private const int Replicas = 10;

    [Fact]
    public async Task Thousands_of_pools_are_read_by_one_question_with_every_replica_of_theirs()
    {
        var pools = await Ground();
        foreach (var source in Enumerable.Range(1, Sources))
        {
            var (counted, written) = (pools.Select(pool => Counted(pool, source)).ToList(), Stopwatch.StartNew());
            await Mesh.Database.Transaction<bool>(
                async transaction =>
                {
                    await TrafficStore.Write(transaction, counted, default);
                    return true;
                },
                default);
            output.WriteLine($"{counted.Count} rows written in {written.ElapsedMilliseconds} ms");
        }

        for (var round = 1; round <= 5; round++)
        {
            var (allocated, read) = (GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
            var traffic = await Mesh.Tables.Traffic(pools, default);
            output.WriteLine(
                $"{traffic.Count} pools x {Sources} sources x {Replicas} replicas read in {read.ElapsedMilliseconds} ms, "
                + $"{(GC.GetTotalAllocatedBytes() - allocated) >> 20} MiB");

            Assert.Equal(pools, traffic.Select(pool => pool.Pool));
            Assert.All(traffic, pool =>
            {
                Assert.Equal((Sources * 1000, Replicas), (pool.Requests, pool.Replicas.Count));
                Assert.All(pool.Replicas, replica => Assert.Equal((Sources * 100, Sources * 8), (replica.Requests, replica.LatencyCounts.Sum())));
            });
        }

        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("analyze mesh.traffic");
        var plan = await connection.QueryAsync<string>(
            "explain select * from mesh.traffic where pool = any(@few)", new { few = pools.Take(20).Select(pool => pool.Value).ToArray() });
        Assert.Contains(plan, line => line.Contains("traffic_pkey", StringComparison.Ordinal));
    }

    /// <summary>Two pools for each scope, in tables that name both.</summary>
    private async Task<IReadOnlyList<PoolId>> Ground()
    {
        List<PoolId> pools = [.. Enumerable.Range(0, 2 * Scopes).Select(_ => MeshHost.Pool())];
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            update mesh.revision set value = value + 1;
            insert into mesh.routing_table (scope, revision, pools, fence)
            select 'shop/production-' || nth, value, jsonb_build_array(
                       jsonb_build_object('pool', one, 'weight', 1), jsonb_build_object('pool', two, 'weight', 99)), 1
              from unnest(@ones, @twos) with ordinality as new (one, two, nth), mesh.revision
            """,
            new { ones = pools.Take(Scopes).Select(pool => pool.Value).ToArray(), twos = pools.Skip(Scopes).Select(pool => pool.Value).ToArray() });
        await Mesh.Feed.Refresh(default);
        return pools;
    }

    private static Counted Counted(PoolId pool, int source)
    {
        var replicas = new ReplicaCounts();
        foreach (var number in Enumerable.Range(1, Replicas))
        {
            replicas.Add(new ReplicaLoad(
                RoutingTablesContract.Replica(pool, number), 99, 1, [.. Enumerable.Range(8, 8).Select(bucket => (bucket, 1L))]));
        }

        return new($"{Guid.Empty}/{source}", PoolTraffic.None(pool) with { Requests = 1000, Errors = 10 }, replicas.Pack());
    }
}
