using Fury.Sdk.Coordination;

namespace Fury.Sdk.Drivers.Postgres;

/// <summary>A row for each lock that was ever held; its counter stays. Leases are by the database's clock.</summary>
internal sealed class PostgresLocks(DriverContext context, string connectionString) : PostgresDriver(context, connectionString), ILockDriver
{
    private const string AcquireSql = """
        insert into fury_sdk.lock as l (resource, name, owner, counter, ends_at) values ($1, $2, $3, 1, clock_timestamp() + $4)
        on conflict (resource, name) do update
          set owner = excluded.owner, ends_at = excluded.ends_at,
              counter = case when l.owner = excluded.owner and l.ends_at > clock_timestamp() then l.counter else l.counter + 1 end
          where l.owner = excluded.owner or l.ends_at <= clock_timestamp()
        returning counter
        """;

    private const string RenewSql = """
        update fury_sdk.lock set ends_at = clock_timestamp() + $4
         where resource = $1 and name = $2 and owner = $3 and ends_at > clock_timestamp() returning counter
        """;

    private const string ReleaseSql = "update fury_sdk.lock set ends_at = '-infinity' where resource = $1 and name = $2 and owner = $3";

    private const string PeekSql = """
        select ends_at - clock_timestamp() from fury_sdk.lock where resource = $1 and name = $2 and ends_at > clock_timestamp()
        """;

    private const string RaiseLockSql = """
        insert into fury_sdk.lock as l (resource, name, owner, counter, ends_at) values ($1, $2, null, $3, '-infinity')
        on conflict (resource, name) do update set counter = greatest(l.counter, excluded.counter)
        """;

    private const string CountersSql = """
        select name, counter from fury_sdk.lock where resource = $1 and ($2::text is null or name > $2) order by name limit $3
        """;

    private readonly TimeProvider _clock = context.Clock;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Fencing, CoordinationCapabilities.Renew);

    public async ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var end = _clock.GetUtcNow() + lease;
        await using var command = Command(AcquireSql, resource, owner, lease);
        return await command.ExecuteScalarAsync(cancellation) is long counter ? new LockGrant(counter, end) : null;
    }

    public async ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var end = _clock.GetUtcNow() + lease;
        await using var command = Command(RenewSql, resource, owner, lease);
        return await command.ExecuteScalarAsync(cancellation) is long ? end : null;
    }

    public async ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation)
    {
        await using var command = Command(ReleaseSql, resource, owner);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation)
    {
        await using var command = Command(RaiseLockSql, resource, floor);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask<LockCounterPage> CountersAsync(string? from, int limit, CancellationToken cancellation)
    {
        await using var command = Command(CountersSql, from, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<LockCounter> counters = [];
        while (await reader.ReadAsync(cancellation))
        {
            counters.Add(new LockCounter(reader.GetString(0), reader.GetInt64(1)));
        }

        return new LockCounterPage(counters, counters.Count < limit ? null : counters[^1].Resource);
    }

    public async ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation)
    {
        await using var command = Command(PeekSql, resource);
        return await command.ExecuteScalarAsync(cancellation) is TimeSpan left ? _clock.GetUtcNow() + left : null;
    }
}

internal sealed class PostgresSequences(DriverContext context, string connectionString)
    : PostgresDriver(context, connectionString), ISequenceDriver
{
    private const string ReserveSql = """
        insert into fury_sdk.sequence as s (resource, name, given) values ($1, $2, $3)
        on conflict (resource, name) do update set given = s.given + excluded.given
        returning given
        """;

    private const string PeekSql = "select given from fury_sdk.sequence where resource = $1 and name = $2";

    private const string NamesSql = """
        select name from fury_sdk.sequence where resource = $1 and ($2::text is null or name > $2) order by name limit $3
        """;

    private const string RaiseSql = """
        insert into fury_sdk.sequence as s (resource, name, given) values ($1, $2, $3)
        on conflict (resource, name) do update set given = greatest(s.given, excluded.given)
        """;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Range);

    public async ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation)
    {
        await using var command = Command(ReserveSql, sequence, count);
        return (long)(await command.ExecuteScalarAsync(cancellation))! - count + 1;
    }

    public async ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation)
    {
        await using var command = Command(PeekSql, sequence);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    public async ValueTask<NamePage> NamesAsync(string? from, int limit, CancellationToken cancellation)
    {
        await using var command = Command(NamesSql, from, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<string> names = [];
        while (await reader.ReadAsync(cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return new NamePage(names, names.Count < limit ? null : names[^1]);
    }

    public async ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation)
    {
        await using var command = Command(RaiseSql, sequence, floor);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
