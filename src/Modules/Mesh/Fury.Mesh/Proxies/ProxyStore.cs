using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy on record.</summary>
/// <param name="Live">Heard of within <see cref="ProxyStore.LiveBound"/>.</param>
internal sealed record RecordedProxy(string Node, ProxyState State, bool Live);

internal sealed class ProxyStore(IDatabase database, INode node)
{
    /// <summary>A proxy of another host that was not heard of for longer does not hold anybody up any more.</summary>
    public static readonly TimeSpan LiveBound = TimeSpan.FromSeconds(3);

    // The node is ours alone, so proxies of its earlier incarnations are known to be dead.
    private const string JoinSql = """
        update mesh.proxy
           set heard_at = '-infinity'
         where node = @node and incarnation <> @incarnation;

        insert into mesh.proxy (name, node, incarnation, applied, heard_at)
        values (@proxy, @node, @incarnation, 0, clock_timestamp())
            on conflict (name) do update
           set node = excluded.node,
               incarnation = excluded.incarnation,
               heard_at = excluded.heard_at
        """;

    /// <summary>From when it returns, every host that publishes waits for this proxy.</summary>
    public async Task Join(string proxy, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            JoinSql, new { proxy, node = node.Name, incarnation = node.Incarnation }, cancellationToken: cancellation));
    }

    private const string HeardSql = """
        insert into mesh.proxy (name, node, incarnation, applied, heard_at)
        select name, @node, @incarnation, applied, clock_timestamp()
          from unnest(@names, @applied) as heard (name, applied)
            on conflict (name) do update
           set applied = greatest(mesh.proxy.applied, excluded.applied),
               heard_at = excluded.heard_at
        """;

    // One row a statement's parameter set: the histogram is an array, and arrays of arrays must be rectangular in a way unnest cannot undo.
    private const string TrafficSql = """
        insert into mesh.traffic (pool, proxy, requests, errors, failures, in_flight, latency_counts)
        values (@Pool, @Proxy, @Requests, @Errors, @Failures, @InFlight, @LatencyCounts)
            on conflict (pool, proxy) do update
           set requests = excluded.requests,
               errors = excluded.errors,
               failures = excluded.failures,
               in_flight = excluded.in_flight,
               latency_counts = excluded.latency_counts
        """;

    /// <summary>
    /// Puts signs of life, applied versions and counters on record as one, so that whoever reads that a version is applied also reads what
    /// was in flight by then.
    /// </summary>
    public Task Write(RosterNews news, CancellationToken cancellation) => database.Transaction<bool>(
        async transaction =>
        {
            var rows = news.Traffic.Select(entry => TrafficRow.Of(entry.Proxy, entry.Traffic)).ToList();
            if (rows.Count > 0)
            {
                await transaction.Connection.ExecuteAsync(new CommandDefinition(
                    TrafficSql, rows, transaction.Inner, cancellationToken: cancellation));
            }

            var heard = new
            {
                node = node.Name,
                incarnation = node.Incarnation,
                names = news.Heard.Select(proxy => proxy.Proxy).ToArray(),
                applied = news.Heard.Select(proxy => proxy.AppliedVersion).ToArray(),
            };
            await transaction.Connection.ExecuteAsync(new CommandDefinition(
                HeardSql, heard, transaction.Inner, cancellationToken: cancellation));
            return true;
        },
        cancellation);

    // After a restart of the database nobody could give a sign of life for a while, so everybody gets the bound once more.
    private const string IsLive = """
        heard_at > clock_timestamp() - @bound
        or (heard_at > '-infinity' and pg_postmaster_start_time() > clock_timestamp() - @bound)
        """;

    private const string ListSql = $"""
        select name, node, applied, case when heard_at = '-infinity' then 'epoch' else heard_at end as heard_at, ({IsLive}) as live
          from mesh.proxy
         where name > @after and (@all or node <> @node)
         order by name
         limit @limit
        """;

    /// <summary>Proxies in the order of their names.</summary>
    public Task<IReadOnlyList<RecordedProxy>> List(PageQuery page, CancellationToken cancellation) =>
        Read(page.After ?? "", all: true, page.Limit + 1, cancellation);

    /// <summary>All proxies of other hosts.</summary>
    public Task<IReadOnlyList<RecordedProxy>> Elsewhere(CancellationToken cancellation) => Read("", all: false, int.MaxValue, cancellation);

    private async Task<IReadOnlyList<RecordedProxy>> Read(string after, bool all, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ProxyRow>(new CommandDefinition(
            ListSql, new { after, all, node = node.Name, bound = LiveBound, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToProxy())];
    }

    private const string SumSql = $"""
        select traffic.pool, traffic.proxy, traffic.requests, traffic.errors, traffic.failures,
               case when {IsLive} then traffic.in_flight else 0 end as in_flight,
               traffic.latency_counts
          from mesh.traffic
          left join mesh.proxy on proxy.name = traffic.proxy
         where traffic.pool = any(@pools)
        """;

    /// <summary>What every proxy that ever served these pools has counted; nothing is in flight by one that is dead.</summary>
    public async Task<IReadOnlyList<(string Proxy, PoolTraffic Traffic)>> Traffic(
        IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<TrafficRow>(new CommandDefinition(
            SumSql, new { pools = pools.Select(pool => pool.Value).ToArray(), bound = LiveBound }, cancellationToken: cancellation));
        return [.. rows.Select(row => (row.Proxy, row.ToTraffic()))];
    }

    private sealed record ProxyRow(string Name, string Node, long Applied, DateTime HeardAt, bool Live)
    {
        public RecordedProxy ToProxy() => new(Node, new(Name, Applied, HeardAt), Live);
    }

    private sealed record TrafficRow(Guid Pool, string Proxy, long Requests, long Errors, long Failures, int InFlight, Array LatencyCounts)
    {
        public static TrafficRow Of(string proxy, PoolTraffic traffic) => new(
            traffic.Pool.Value,
            proxy,
            traffic.Requests,
            traffic.Errors,
            traffic.Failures,
            traffic.InFlight,
            traffic.LatencyCounts.ToArray());

        public PoolTraffic ToTraffic() => new(PoolId.From(Pool), Requests, Errors, Failures, InFlight, (long[])LatencyCounts);
    }
}
