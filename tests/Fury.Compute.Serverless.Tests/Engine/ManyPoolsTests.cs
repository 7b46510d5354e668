using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>As many pools as may be asked about at once.</summary>
public sealed class ManyPoolsTests(TestDatabase<ServerlessModule> database, ITestOutputHelper output) : IClassFixture<TestDatabase<ServerlessModule>>
{
    private const int Rounds = 7;

    /// <summary>Copies of the one pool that there is.</summary>
    private const string CopySql = """
        insert into serverless.pool (id, scope, spec, phase, revision, wish, placed, shares, replicas, settled)
        select new.id, pool.scope, jsonb_set(pool.spec, '{id}', to_jsonb(new.id)), pool.phase, 1, 1, 1, pool.shares, pool.replicas, true
          from serverless.pool, lateral (select gen_random_uuid() as id from generate_series(2, 2000)) as new;
        analyze;
        """;

    [Fact]
    [Trait("Category", "Soak")] // Only to print how long it takes.
    public async Task All_of_them_are_described_at_once()
    {
        var release = ServerlessComputeTests.Release(ScopeRef.Parse("shop/test-web"), 1, new(100, 64));
        var spec = new PoolSpec(
            PoolId.New(TimeProvider.System),
            release with { Environment = Enumerable.Range(0, 20).ToDictionary(number => $"NAME_{number}", number => $"value {number}") },
            new("local", "here", "clusters"),
            Replicas: 5,
            Floor: 1,
            Ceiling: 10);
        var pool = Pool.New(spec) with
        {
            Shares = [.. new[] { "one", "two" }.Select(cluster => new Share(cluster, new Dictionary<string, int> { ["a"] = 2, ["b"] = 1 }, 1))],
            Replicas = [.. Enumerable.Range(0, 5).Select(Replica)],
        };
        var store = database.Get<IPoolStore>();
        await store.Change(spec.Id, (_, _) => Task.FromResult<Outcome<Pool>>(pool), default);
        await using var copy = database.Database.Source.CreateCommand(CopySql);
        await copy.ExecuteNonQueryAsync();
        await using var command = database.Database.Source.CreateCommand("select id from serverless.pool");
        List<PoolId> ids = [];
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                ids.Add(new(reader.GetGuid(0)));
            }
        }

        for (var round = 0; round < Rounds; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            var pools = (await store.Find(ids, default)).Select(one => one.ToState()).ToList();
            output.WriteLine($"{pools.Count} pools with all of their replicas: {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
            Assert.Equal((2000, 10_000), (pools.Count, pools.Sum(one => one.Ready)));
        }
    }

    private static SeenReplica Replica(int number) => new(
        number % 2 == 0 ? "one" : "two", $"pool-{number}", InstanceId.New(TimeProvider.System), ReplicaPhase.Ready, "10.0.0.1", 8080, 0, null, false);
}
