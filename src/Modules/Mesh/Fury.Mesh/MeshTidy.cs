using Dapper;
using Fury.Hosting;
using Fury.Mesh.Locations;

namespace Fury.Mesh;

/// <summary>
/// Lets go of what is dead: counters of dead hosts become one sum, and pools that are retired and in no table go with their counters.
/// </summary>
internal sealed class MeshTidy(IDatabase database) : IReconciler
{
    /// <summary>
    /// Longer than any news of a pool can be late, so that old news cannot bring it back; and time to look at what it did.
    /// </summary>
    public static readonly TimeSpan RetiredPoolsKept = TimeSpan.FromHours(1);

    /// <summary>Longer than a machine sleeps over night, so that a host that wakes up goes on counting where it was.</summary>
    public static readonly TimeSpan SilentHostsKept = TimeSpan.FromHours(24);

    /// <summary>Long after anybody waits for them; until then they can be looked at.</summary>
    public static readonly TimeSpan GoneProxiesKept = TimeSpan.FromHours(1);

    private const string HostsSql = """
        with silent as (delete from mesh.host where heard_at < clock_timestamp() - @kept returning incarnation)
        delete from mesh.behind where incarnation in (select incarnation from silent)
        """;

    private const string ProxiesSql = """
        delete from mesh.proxy
         where coalesce(left_at, (select heard_at from mesh.host where host.node = proxy.node and host.incarnation = proxy.incarnation), connected_at)
               < clock_timestamp() - @kept
           and (left_at is not null or not exists (select from mesh.host where host.node = proxy.node and host.incarnation = proxy.incarnation))
           and not exists (select from mesh.pool where pool.endpoints @> jsonb_build_array(jsonb_build_object('replica', proxy.name)))
        """;

    private const string IsGone = """
        traffic.source <> '' and not exists (select from mesh.host where host.incarnation::text = split_part(traffic.source, '/', 1))
        """;

    // A host that is there does so by itself.
    private const string ReplicasSql = $"""
        update mesh.traffic
           set replicas = null
         where replicas is not null
           and {IsGone}
           and not exists (select
                             from mesh.pool
                             join mesh.routing_table on routing_table.scope = pool.scope
                            where pool.id = traffic.pool and jsonb_array_length(routing_table.pools) > 1)
        """;

    // A process that is not on record any more counts no more; a row that tells of replicas stays as it is. Deleted and added in one statement: a reader
    // sees each counter once.
    private const string TrafficSql = $"""
        with counted as (
            delete from mesh.traffic
             where replicas is null
               and {IsGone}
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
        insert into mesh.traffic (pool, source, requests, errors, failures, in_flight, latency_counts)
        select pool, '', requests, errors, failures, 0, counts
          from totals join latencies using (pool)
            on conflict (pool, source) do update
           set requests = mesh.traffic.requests + excluded.requests,
               errors = mesh.traffic.errors + excluded.errors,
               failures = mesh.traffic.failures + excluded.failures,
               latency_counts = (select array_agg(was + more order by position)
                                   from unnest(mesh.traffic.latency_counts, excluded.latency_counts)
                                        with ordinality as bucket (was, more, position))
        """;

    private const string LocationsSql = "delete from mesh.location where at < clock_timestamp() - @kept";

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
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(HostsSql, new { kept = SilentHostsKept }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(ProxiesSql, new { kept = GoneProxiesKept }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(LocationsSql, new { kept = LocationStore.FreshFor }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(ReplicasSql, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(TrafficSql, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(PoolsSql, new { kept = RetiredPoolsKept }, cancellationToken: cancellation));
    }
}
