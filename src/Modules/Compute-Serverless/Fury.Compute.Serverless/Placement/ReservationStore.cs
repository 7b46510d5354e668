using System.Text.Json;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>Promises and decisions in PostgreSQL.</summary>
internal sealed class ReservationStore(IDatabase database) : IReservationStore
{
    /// <summary>Its row lock also lets one writer in after the other.</summary>
    private const string FenceSql = "update serverless.applier set fence = @fence where fence <= @fence";

    private const string ListSql = """
        select pool, cluster, cpu_millis, memory_mib, zones::text as zones, bound, granted_at, expires_at
          from serverless.reservation
         order by pool, cluster
        """;

    private const string KeepSql = """
        insert into serverless.reservation (pool, cluster, cpu_millis, memory_mib, zones, bound, granted_at, expires_at)
        select * from unnest(@pools, @clusters, @cpus, @memories, @zones::jsonb[], @bound, @grantedAt, @expiresAt)
        on conflict (pool, cluster) do update
           set cpu_millis = excluded.cpu_millis, memory_mib = excluded.memory_mib, zones = excluded.zones, bound = excluded.bound,
               granted_at = excluded.granted_at, expires_at = excluded.expires_at
        """;

    private const string DropSql = """
        delete from serverless.reservation
         using unnest(@pools, @clusters) as gone (pool, cluster)
         where reservation.pool = gone.pool and reservation.cluster = gone.cluster
        """;

    private const string DecideSql = """
        insert into serverless.decision (pool, decision)
        select * from unnest(@pools, @decisions::jsonb[])
        on conflict (pool) do update set decision = excluded.decision
        """;

    private const string RetireSql = "delete from serverless.decision where pool = any(@pools)";

    private const string DecisionSql = "select decision::text from serverless.decision where pool = @pool";

    public Task<Outcome<Reservation[]>> TakeOver(long fence, CancellationToken cancellation) =>
        database.Transaction<Reservation[]>(
            async tx => await Enter(tx, fence) is { } stale
                ? stale
                : Read(await tx.Connection.QueryAsync<Row>(ListSql, transaction: tx.Inner)),
            cancellation);

    public async Task<Outcome> Write(long fence, ReservationChanges changes, CancellationToken cancellation)
    {
        var outcome = await database.Transaction<bool>(
            async tx =>
            {
                if (await Enter(tx, fence) is { } stale)
                {
                    return stale;
                }

                await WriteReservations(tx, changes);
                await WriteDecisions(tx, changes);
                return true;
            },
            cancellation);
        return outcome.IsOk ? Outcome.Ok : outcome.Fault;
    }

    public async Task<IReadOnlyList<Reservation>> List(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return Read(await connection.QueryAsync<Row>(ListSql));
    }

    public async Task<Decision?> FindDecision(PoolId pool, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<string>(DecisionSql, new { pool }) is { } json
            ? JsonSerializer.Deserialize<Decision>(json, FuryJson.Options)
            : null;
    }

    private static async Task<Fault?> Enter(ITransaction tx, long fence) =>
        await tx.Connection.ExecuteAsync(FenceSql, new { fence }, tx.Inner) == 1
            ? null
            : Fault.Stale("Another host places now.");

    private static async Task WriteReservations(ITransaction tx, ReservationChanges changes)
    {
        // One order for all, so that rows are always taken in it.
        var kept = changes.Kept.Values.OrderBy(one => one.Pool.Value).ThenBy(one => one.Cluster, StringComparer.Ordinal).ToList();
        if (kept.Count > 0)
        {
            var columns = new
            {
                pools = kept.Select(one => one.Pool.Value).ToArray(),
                clusters = kept.Select(one => one.Cluster).ToArray(),
                cpus = kept.Select(one => one.Size.CpuMillis).ToArray(),
                memories = kept.Select(one => one.Size.MemoryMiB).ToArray(),
                zones = kept.Select(one => JsonSerializer.Serialize(one.Zones, FuryJson.Options)).ToArray(),
                bound = kept.Select(one => one.Bound).ToArray(),
                grantedAt = kept.Select(one => one.GrantedAt.UtcDateTime).ToArray(),
                expiresAt = kept.Select(one => one.ExpiresAt.UtcDateTime).ToArray(),
            };
            await tx.Connection.ExecuteAsync(KeepSql, columns, tx.Inner);
        }

        if (changes.Gone.Count > 0)
        {
            var gone = changes.Gone.OrderBy(one => one.Pool.Value).ToList();
            var columns = new { pools = gone.Select(one => one.Pool.Value).ToArray(), clusters = gone.Select(one => one.Cluster).ToArray() };
            await tx.Connection.ExecuteAsync(DropSql, columns, tx.Inner);
        }
    }

    private static async Task WriteDecisions(ITransaction tx, ReservationChanges changes)
    {
        if (changes.Decisions.Count > 0)
        {
            var decisions = changes.Decisions.Values.OrderBy(one => one.Pool.Value).ToList();
            var columns = new
            {
                pools = decisions.Select(one => one.Pool.Value).ToArray(),
                decisions = decisions.Select(one => JsonSerializer.Serialize(one, FuryJson.Options)).ToArray(),
            };
            await tx.Connection.ExecuteAsync(DecideSql, columns, tx.Inner);
        }

        if (changes.Retired.Count > 0)
        {
            await tx.Connection.ExecuteAsync(RetireSql, new { pools = changes.Retired.Select(pool => pool.Value).ToArray() }, tx.Inner);
        }
    }

    private static Reservation[] Read(IEnumerable<Row> rows) => [.. rows.Select(row => row.ToReservation())];

    private sealed record Row(
        Guid Pool, string Cluster, int CpuMillis, int MemoryMib, string Zones, int Bound, DateTime GrantedAt, DateTime ExpiresAt)
    {
        public Reservation ToReservation() => new(
            new(Pool),
            Cluster,
            new(CpuMillis, MemoryMib),
            JsonSerializer.Deserialize<Dictionary<string, int>>(Zones, FuryJson.Options)!,
            Bound,
            new(DateTime.SpecifyKind(GrantedAt, DateTimeKind.Utc)),
            new(DateTime.SpecifyKind(ExpiresAt, DateTimeKind.Utc)));
    }
}
