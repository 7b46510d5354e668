using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Compute.Standard.Tests;

/// <summary>As many pools as may be asked about at once.</summary>
public sealed class ManyPoolsTests(StandardHost host, ITestOutputHelper output) : IClassFixture<StandardHost>
{
    private const int Rounds = 7;

    /// <summary>Copies of the one pool that there is, and of its one replica.</summary>
    private const string CopySql = """
        insert into standard.pool (id, scope, spec, phase, revision, failures, settled)
        select new.id, pool.scope, jsonb_set(pool.spec, '{id}', to_jsonb(new.id)), pool.phase, pool.revision, 0, true
          from standard.pool, lateral (select gen_random_uuid() as id from generate_series(2, 2000)) as new;
        delete from standard.instance;
        insert into standard.instance (id, pool, phase, node, provider_id, address, port, restarts, was_ready, terminating, created_at)
        select gen_random_uuid(), pool.id, 'ready', 'far', gen_random_uuid(), '127.1.2.3', 8080, 0, true, false, now()
          from standard.pool, generate_series(1, 5);
        analyze;
        """;

    [Fact]
    [Trait("Category", "Soak")] // Only to print how long it takes.
    public async Task All_of_them_are_described_at_once()
    {
        var spec = new PoolSpec(
            PoolId.New(TimeProvider.System),
            Releases.Of(ScopeRef.Parse("shop/test-web"), 1) with { Environment = Enumerable.Range(0, 20).ToDictionary(n => $"NAME_{n}", n => $"value {n}") },
            new("fake", FakeInstanceProvider.Region, "instances"),
            Replicas: 5,
            Floor: 1,
            Ceiling: 10);
        Assert.True((await host.Engine.Ensure(spec, default)).IsOk);
        await using var copy = host.Database.Source.CreateCommand(CopySql);
        await copy.ExecuteNonQueryAsync();
        await using var command = host.Database.Source.CreateCommand("select id from standard.pool");
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
            var pools = await host.Engine.Describe(ids, default);
            output.WriteLine($"{pools.Count} pools with all of their replicas: {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
            Assert.Equal((2000, 10_000), (pools.Count, pools.Sum(pool => pool.Ready)));
        }
    }
}
