using Dapper;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;

namespace Fury.Mesh.Tests;

public sealed class TrafficTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();

    [Fact]
    public async Task Traffic_adds_up_over_the_proxies_of_every_host()
    {
        var pool = await Mesh.ReadyPool(Scope);
        var other = Another();
        await using var near = await Mesh.Proxy("near").Connect();
        await using var far = await other.Proxy("far").Connect();
        await near.Report(Counted(pool, requests: 10, inFlight: 1));
        await far.Report(Counted(pool, requests: 5, inFlight: 2));
        await other.Record();
        await Mesh.Record();
        await near.Report(Counted(pool, requests: 12, inFlight: 3));

        var seen = (await Mesh.Tables.Traffic([pool, MeshHost.Pool()], default))[0];

        Assert.Equal((17, 5), (seen.Requests, seen.InFlight));
        Assert.Equal(17, seen.LatencyCounts[3]);
    }

    [Fact]
    public async Task A_reading_that_could_not_be_recorded_is_recorded_later()
    {
        var pool = await Mesh.ReadyPool(Scope);
        var other = Another();
        await using var far = await other.Proxy("far").Connect();
        await far.Report(Counted(pool, requests: 5, inFlight: 0));

        other.Roster.GiveBack(other.Roster.TakeNews());
        await other.Record();

        Assert.Equal(5, (await Mesh.Tables.Traffic([pool], default))[0].Requests);
    }

    [Fact]
    public async Task What_dead_proxies_counted_stays_counted_and_nothing_is_in_flight_by_them()
    {
        var pool = await Mesh.ReadyPool(Scope);
        var other = Another();
        foreach (var name in new[] { "first", "second" })
        {
            await using var far = await other.Proxy(name).Connect();
            await far.Report(Counted(pool, requests: 5, inFlight: 4));
            await other.Record();
            await Sql($"update mesh.proxy set heard_at = '-infinity' where name = '{name}'");
            Assert.Equal(0, (await Mesh.Tables.Traffic([pool], default))[0].InFlight);
            await new MeshTidy(Mesh.Database).Pass(0, default);
        }

        var seen = (await Mesh.Tables.Traffic([pool], default))[0];
        Assert.Equal((10, 10, 0), (seen.Requests, seen.LatencyCounts[3], seen.InFlight));
        Assert.Equal("", Assert.Single(await Query<string>("select proxy from mesh.traffic")));
        Assert.Empty(await Query<string>("select name from mesh.proxy"));
    }

    [Fact]
    public async Task A_retired_pool_goes_with_its_counters_once_no_table_names_it_and_its_time_is_over()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await using var near = await Mesh.Proxy("near").Connect();
        await near.Report(Counted(pool, requests: 1, inFlight: 0));
        await Mesh.Record();
        await Mesh.Tell(MeshHost.PoolState(pool, Scope, 0, revision: 2, PoolPhase.Retired));
        var tidy = new MeshTidy(Mesh.Database);

        await Sql("update mesh.pool set retired_at = clock_timestamp() - interval '2 hours'");
        await tidy.Pass(0, default);
        Assert.Single(await Query<Guid>("select id from mesh.pool"));

        await Mesh.Publish(Scope, 1);
        await tidy.Pass(0, default);
        Assert.Empty(await Query<Guid>("select id from mesh.pool"));
        Assert.Empty(await Query<Guid>("select pool from mesh.traffic"));
    }

    [Fact]
    public void Readings_on_record_that_no_longer_change_leave_memory()
    {
        var (proxy, pool) = (new LocalProxy("one"), MeshHost.Pool());
        proxy.Report(Counted(pool, requests: 1, inFlight: 0));

        for (var beat = 0; beat <= ProxyRoster.IdleBeatsMax + 1; beat++)
        {
            proxy.Beat();
        }

        Assert.NotNull(proxy.TrafficOf(pool));
        proxy.TakeUnwritten();
        proxy.Beat();
        Assert.Null(proxy.TrafficOf(pool));
    }

    private static PoolTraffic Counted(PoolId pool, long requests, int inFlight)
    {
        var latencies = new long[Latency.BucketBounds.Count + 1];
        latencies[3] = requests;
        return new(pool, requests, 0, 0, inFlight, latencies);
    }

    private async Task Sql(string sql)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    private async Task<IReadOnlyList<T>> Query<T>(string sql)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<T>(sql)];
    }
}
