using Dapper;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Testing;

namespace Fury.Mesh.Tests;

public sealed class TrafficTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();

    [Fact]
    public async Task Traffic_adds_up_over_the_proxies_of_every_host()
    {
        var pool = await Mesh.ReadyPool(Scope);
        var other = await Another().Serve();
        await using var near = await Mesh.Proxy("near").Connect(Scope);
        await using var far = await other.Proxy("far").Connect(Scope);
        await near.Report(Mesh.Book, Counted(pool, requests: 10, inFlight: 1));
        await far.Report(other.Book, Counted(pool, requests: 5, inFlight: 2));
        await near.Report(Mesh.Book, Counted(pool, requests: 2, inFlight: 3));

        var seen = PoolTraffic.None(pool);
        await Eventually.True(async () => (seen = (await Mesh.Tables.Traffic([pool, MeshHost.Pool()], default))[0]).Requests == 17);

        Assert.Equal((17, 5), (seen.Requests, seen.InFlight));
        Assert.Equal(17, seen.LatencyCounts[3]);
    }

    [Fact]
    public async Task What_a_proxy_has_in_flight_goes_with_its_last_stream_and_what_it_counted_stays()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await using var proxy = await Mesh.Proxy("one").Connect(Scope);
        await proxy.Report(Mesh.Book, Counted(pool, requests: 4, inFlight: 2));

        await proxy.Break();

        await Eventually.True(async () => (await Mesh.Tables.Traffic([pool], default))[0] is { Requests: 4, InFlight: 0 });
    }

    [Fact]
    public void Counters_that_could_not_be_put_on_record_are_news_again_and_what_is_long_quiet_leaves_memory()
    {
        var (book, pool) = (new TrafficBook(Mesh.Node), MeshHost.Pool());
        book.Add("one", new LoadReport(0, 1, [new(pool, 3, 3, 0, 0, 0, null)]));
        var first = book.TakeNews(_ => false);
        book.GiveBack(first);

        var again = book.TakeNews(_ => false);
        Assert.Equal(3, Assert.Single(again).Traffic.Requests);
        Assert.Equal(first.Single().Source, again.Single().Source);
        for (var beat = 0; beat <= TrafficBook.QuietMax; beat++)
        {
            book.TakeNews(_ => false);
        }

        // Counting begins anew, and under another name, so that what is on record is not overwritten.
        Assert.Empty(book.Find([pool]));
        book.Add("one", new LoadReport(0, 1, [new(pool, 1, 1, 0, 0, 0, null)]));
        Assert.NotEqual(again.Single().Source, book.Find([pool]).Single().Source);
    }

    [Fact]
    public async Task What_dead_hosts_counted_stays_counted_and_nothing_is_in_flight_by_them()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await using (var dead = await Mesh.Proxy("first").Connect(Scope))
        {
            foreach (var incarnation in new[] { Guid.NewGuid(), Guid.NewGuid() })
            {
                await Sql($"""
                    insert into mesh.traffic (pool, source, requests, errors, failures, in_flight, latency_counts)
                    values ('{pool}', '{incarnation}/1', 5, 0, 0, 4, array[0, 0, 0, 5])
                    """);
            }
        }

        Assert.Equal((10, 0), await Seen());
        await new MeshTidy(Mesh.Database).Pass(0, default);

        Assert.Equal((10, 0), await Seen());
        Assert.Equal("", Assert.Single(await Query<string>("select source from mesh.traffic")));

        async Task<(long, int)> Seen() => (await Mesh.Tables.Traffic([pool], default))[0] is var it ? (it.Requests, it.InFlight) : default;
    }

    [Fact]
    public async Task A_retired_pool_goes_with_its_counters_once_no_table_names_it_and_its_time_is_over()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await Sql($"insert into mesh.traffic values ('{pool}', 'gone/1', 1, 0, 0, 0, array[1])");
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
