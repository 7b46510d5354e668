using Dapper;
using Fury.Hosting;

namespace Fury.Mesh;

/// <summary>
/// Lets go of what is dead: counters of dead proxies become one sum, and pools that are retired and in no table go with their counters.
/// </summary>
internal sealed class MeshTidy(IDatabase database) : IReconciler
{
    /// <summary>
    /// Longer than any news of a pool can be late, so that old news cannot bring it back; and time to look at what it did.
    /// </summary>
    public static readonly TimeSpan RetiredPoolsKept = TimeSpan.FromHours(1);

    /// <summary>Longer than a machine sleeps over night, so that a proxy that wakes up goes on counting where it was.</summary>
    public static readonly TimeSpan SilentProxiesKept = TimeSpan.FromHours(24);

    // Deleted and added in one statement: a reader sees each counter once.
    private const string ProxiesSql = """
        with gone as (
            delete from mesh.proxy where heard_at < clock_timestamp() - @kept returning name
        ), counted as (
            delete from mesh.traffic where proxy in (select name from gone)
            returning pool, requests, errors, failures, latency_counts
        ), totals as (
            select pool, sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(failures)::bigint as failures
              from counted
             group by pool
        ), latencies as (
            select pool, array_agg(total order by position) as counts
              from (select pool, position, sum(count)::bigint as total
                      from counted, unnest(latency_counts) with ordinality as bucket (count, position)
                     group by pool, position) as buckets
             group by pool
        )
        insert into mesh.traffic (pool, proxy, requests, errors, failures, in_flight, latency_counts)
        select pool, '', requests, errors, failures, 0, counts
          from totals join latencies using (pool)
            on conflict (pool, proxy) do update
           set requests = mesh.traffic.requests + excluded.requests,
               errors = mesh.traffic.errors + excluded.errors,
               failures = mesh.traffic.failures + excluded.failures,
               latency_counts = (select array_agg(was + more order by position)
                                   from unnest(mesh.traffic.latency_counts, excluded.latency_counts)
                                        with ordinality as bucket (was, more, position))
        """;

    private const string PoolsSql = """
        with gone as (
            delete from mesh.pool
             where retired_at < clock_timestamp() - @kept
               and not exists (select 1
                                 from mesh.routing_table
                                where routing_table.scope = pool.scope
                                  and routing_table.pools @> jsonb_build_array(jsonb_build_object('pool', pool.id)))
            returning id
        )
        delete from mesh.traffic where pool in (select id from gone)
        """;

    public string Name => "mesh.tidy";

    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ProxiesSql, new { kept = SilentProxiesKept }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(PoolsSql, new { kept = RetiredPoolsKept }, cancellationToken: cancellation));
    }
}
