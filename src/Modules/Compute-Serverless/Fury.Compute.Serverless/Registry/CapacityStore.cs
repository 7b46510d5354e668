using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Registry;

/// <summary>The room of a cluster, as the one who watches it last saw it.</summary>
/// <param name="SeenAt">Null: it was not seen yet, and all that would be seen is 0.</param>
/// <param name="Nodes">That are there.</param>
/// <param name="NodesMore">That an autoscaler can still add.</param>
/// <param name="CpuMillisUsed">Requests of all that counts against its quota.</param>
/// <param name="CpuMillisFree">What its nodes have left, all together; the hole on one node is smaller.</param>
/// <param name="CpuMillisPromised">Promised to pools whose replicas were not seen bound yet; of the free ones.</param>
/// <param name="CpuHourPrice">Dollars for a core for an hour, as people have said when they registered it.</param>
/// <param name="MemoryHourPrice">Dollars for a GiB for an hour.</param>
internal sealed record CapacityView(
    string Cluster, DateTimeOffset? SeenAt, int Nodes, int NodesMore, long CpuMillisUsed, long MemoryMiBUsed, long CpuMillisFree, long MemoryMiBFree,
    long CpuMillisPromised, long MemoryMiBPromised, double CpuHourPrice, double MemoryHourPrice);

/// <summary>What a pool has in a cluster.</summary>
/// <param name="Key">Its place in the list.</param>
/// <param name="Promised">Those of its replicas that have a promise and were not seen bound yet.</param>
/// <param name="PromisedUntil">From then on the promise ends with the cluster's next report; null: there is none.</param>
/// <param name="CpuMillis">Of one replica, as <paramref name="MemoryMiB"/>.</param>
/// <param name="DollarsPerHour">Of all its replicas there, by the cluster's prices.</param>
internal sealed record HoldingView(
    string Key, ScopeRef Scope, PoolId Pool, string Cluster, int Replicas, int Promised, DateTimeOffset? PromisedUntil, int CpuMillis, int MemoryMiB,
    double DollarsPerHour);

/// <summary>Room, and who has it, over all clusters: sums that the database makes.</summary>
internal sealed class CapacityStore(IDatabase database)
{
    private const string PromisedSql = "greatest(0, (select coalesce(sum(value::int), 0) from jsonb_each_text(promise.zones)) - promise.bound)";

    private const string RoomSql = $"""
        select cluster.name as cluster, watch.seen_at, coalesce(node.nodes, 0)::int as nodes, coalesce(more.nodes, 0)::int as nodes_more,
               coalesce((watch.seen->>'cpuMillisUsed')::bigint, 0) as cpu_used, coalesce((watch.seen->>'memoryMiBUsed')::bigint, 0) as memory_used,
               coalesce(node.cpu, 0)::bigint as cpu_free, coalesce(node.memory, 0)::bigint as memory_free,
               coalesce(promised.cpu, 0)::bigint as cpu_promised, coalesce(promised.memory, 0)::bigint as memory_promised,
               coalesce((cluster.facts->>'cpuHourPrice')::float8, 0) as cpu_price, coalesce((cluster.facts->>'memoryHourPrice')::float8, 0) as memory_price
          from serverless.cluster
          left join serverless.watch on watch.cluster = cluster.name
          left join lateral (
              select count(*) as nodes, sum(greatest(0, (hole->>'cpuMillis')::bigint)) as cpu, sum(greatest(0, (hole->>'memoryMiB')::bigint)) as memory
                from jsonb_array_elements(watch.seen->'nodes') as hole) as node on true
          left join lateral (
              select sum((kind->>'nodes')::int) as nodes from jsonb_array_elements(watch.seen->'potential') as kind) as more on true
          left join lateral (
              select sum({PromisedSql} * promise.cpu_millis) as cpu, sum({PromisedSql} * promise.memory_mib) as memory
                from serverless.reservation as promise where promise.cluster = cluster.name) as promised on true
         where @after::text is null or cluster.name collate "C" > @after
         order by cluster.name collate "C"
         limit @rows
        """;

    private const string HeldSql = $"""
        select pool.id::text || '/' || place.cluster as key, pool.scope, pool.id as pool, place.cluster, place.replicas::int as replicas,
               coalesce({PromisedSql}, 0)::int as promised, case when {PromisedSql} > 0 then promise.expires_at end as promised_until,
               size.cpu as cpu, size.memory as memory,
               place.replicas * (size.cpu / 1000.0 * coalesce((cluster.facts->>'cpuHourPrice')::float8, 0)
                   + size.memory / 1024.0 * coalesce((cluster.facts->>'memoryHourPrice')::float8, 0)) as dollars
          from serverless.pool
         cross join lateral (
              select share->>'cluster' as cluster, (select coalesce(sum(value::int), 0) from jsonb_each_text(share->'zones')) as replicas
                from jsonb_array_elements(pool.shares) as share) as place
         cross join lateral (
              select (spec->'release'->'size'->>'cpuMillis')::int as cpu, (spec->'release'->'size'->>'memoryMiB')::int as memory) as size
          left join serverless.cluster on cluster.name = place.cluster
          left join serverless.reservation as promise on promise.pool = pool.id and promise.cluster = place.cluster
         where pool.phase <> 'retired' and place.replicas > 0
           and (@cluster::text is null
                or (pool.shares @> jsonb_build_array(jsonb_build_object('cluster', @cluster::text)) and place.cluster = @cluster))
        """;

    private const string HoldingsSql = $"""
        select * from ({HeldSql}) as held
         where @after::text is null or key collate "C" > @after
         order by key collate "C"
         limit @rows
        """;

    /// <summary>By the cluster's name.</summary>
    public async Task<IReadOnlyList<CapacityView>> Room(string? after, int rows, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var found = await connection.QueryAsync<RoomRow>(new CommandDefinition(RoomSql, new { after, rows }, cancellationToken: cancellation));
        return
        [
            .. found.Select(row => new CapacityView(
                row.Cluster, Utc(row.SeenAt), row.Nodes, row.NodesMore, row.CpuUsed, row.MemoryUsed, row.CpuFree, row.MemoryFree, row.CpuPromised,
                row.MemoryPromised, row.CpuPrice, row.MemoryPrice)),
        ];
    }

    /// <summary>By pool, and then by cluster.</summary>
    /// <param name="cluster">Only what is there; null: anywhere.</param>
    public async Task<IReadOnlyList<HoldingView>> Holdings(string? cluster, string? after, int rows, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var found = await connection.QueryAsync<HeldRow>(new CommandDefinition(HoldingsSql, new { cluster, after, rows }, cancellationToken: cancellation));
        return
        [
            .. found.Select(row => new HoldingView(
                row.Key, ScopeRef.Parse(row.Scope), new(row.Pool), row.Cluster, row.Replicas, row.Promised, Utc(row.PromisedUntil), row.Cpu, row.Memory,
                row.Dollars)),
        ];
    }

    private static DateTimeOffset? Utc(DateTime? time) => time is { } at ? new(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : null;

    private sealed record RoomRow(
        string Cluster, DateTime? SeenAt, int Nodes, int NodesMore, long CpuUsed, long MemoryUsed, long CpuFree, long MemoryFree, long CpuPromised,
        long MemoryPromised, double CpuPrice, double MemoryPrice);

    private sealed record HeldRow(
        string Key, string Scope, Guid Pool, string Cluster, int Replicas, int Promised, DateTime? PromisedUntil, int Cpu, int Memory, double Dollars);
}
