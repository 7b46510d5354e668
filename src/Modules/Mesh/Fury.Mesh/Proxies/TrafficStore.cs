using System.Buffers.Binary;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>Counters of pools on record, a row for each source that has counted.</summary>
internal sealed class TrafficStore(IDatabase database)
{
    // Arrays of arrays cannot be taken apart by unnest, so all histograms come as one, and each row takes its part.
    private const string WriteSql = """
        insert into mesh.traffic (pool, source, requests, errors, failures, in_flight, latency_counts, replicas)
        select pool, source, requests, errors, failures, in_flight, (@latencies)[(nth - 1) * @buckets + 1 : nth * @buckets], replicas
          from unnest(@pools, @sources, @requests, @errors, @failures, @inFlight, @replicas) with ordinality
               as counted (pool, source, requests, errors, failures, in_flight, replicas, nth)
            on conflict (pool, source) do update
           set requests = excluded.requests,
               errors = excluded.errors,
               failures = excluded.failures,
               in_flight = excluded.in_flight,
               latency_counts = excluded.latency_counts,
               replicas = excluded.replicas
        """;

    public static async Task Write(ITransaction transaction, IReadOnlyList<Counted> counted, CancellationToken cancellation)
    {
        if (counted.Count == 0)
        {
            return;
        }

        List<PoolTraffic> traffic = [.. counted.Select(one => one.Traffic)];
        var rows = new
        {
            pools = traffic.Select(one => one.Pool.Value).ToArray(),
            sources = counted.Select(one => one.Source).ToArray(),
            requests = traffic.Select(one => one.Requests).ToArray(),
            errors = traffic.Select(one => one.Errors).ToArray(),
            failures = traffic.Select(one => one.Failures).ToArray(),
            inFlight = traffic.Select(one => one.InFlight).ToArray(),
            latencies = traffic.SelectMany(one => one.LatencyCounts).ToArray(),
            buckets = Latency.BucketBounds.Count + 1,
            replicas = counted.Select(one => one.Replicas).ToArray(),
        };
        await transaction.Connection.ExecuteAsync(new CommandDefinition(WriteSql, rows, transaction.Inner, cancellationToken: cancellation));
    }

    // The histogram comes as PostgreSQL sends an array, and is taken apart here: of thousands of rows, Npgsql's reading of arrays is most of the time.
    private const string FindSql = $"""
        select traffic.pool, traffic.source, traffic.requests, traffic.errors, traffic.failures,
               case when host.node is not null and ({ProxyStore.IsLive}) then traffic.in_flight else 0 end as in_flight,
               array_send(traffic.latency_counts) as latency_counts, traffic.replicas
          from mesh.traffic
          left join mesh.host on host.incarnation::text = split_part(traffic.source, '/', 1)
         where traffic.pool = any(@pools)
        """;

    /// <summary>What every host's proxies have counted for these pools; nothing is in flight by a host that is dead.</summary>
    public async Task<IReadOnlyList<Counted>> Find(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var asked = new { pools = pools.Select(pool => pool.Value).ToArray(), live = ProxyStore.HostLiveBound };
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(FindSql, asked, cancellationToken: cancellation))).Select(row => row.ToCounted())];
    }

    private sealed record Row(
        Guid Pool, string Source, long Requests, long Errors, long Failures, int InFlight, byte[] LatencyCounts, byte[]? Replicas)
    {
        /// <summary>How many dimensions, whether there are nulls, of which type, how many, and from which index on: 4 bytes each.</summary>
        private const int HeadBytes = 20;

        private const int LengthBytes = 4;

        public Counted ToCounted() => new(Source, new(PoolId.From(Pool), Requests, Errors, Failures, InFlight, Latencies()), Replicas);

        private long[] Latencies()
        {
            var counts = new long[Latency.BucketBounds.Count + 1];
            var left = LatencyCounts.AsSpan(Math.Min(HeadBytes, LatencyCounts.Length));
            for (var bucket = 0; bucket < counts.Length && left.Length > 0; bucket++)
            {
                counts[bucket] = BinaryPrimitives.ReadInt64BigEndian(left[LengthBytes..]);
                left = left[(LengthBytes + sizeof(long))..];
            }

            return counts;
        }
    }
}
