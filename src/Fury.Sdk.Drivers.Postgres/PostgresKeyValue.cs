using System.Globalization;
using Fury.Sdk.KeyValue;
using Npgsql;

namespace Fury.Sdk.Drivers.Postgres;

internal sealed class PostgresKeyValue(DriverContext context, string connectionString) : PostgresDriver(context, connectionString), IKeyValueDriver
{
    private const string GetSql = "select value, revision from fury_sdk.entry where resource = $1 and partition = $2 and sort = $3";

    private const string PutSql = """
        insert into fury_sdk.entry (resource, partition, sort, value, revision, expires_at)
        values ($1, $2, $3, $4, nextval('fury_sdk.revision'), $5)
        on conflict (resource, partition, sort)
        do update set value = excluded.value, revision = excluded.revision, expires_at = excluded.expires_at
        returning revision
        """;

    private const string CreateSql = """
        insert into fury_sdk.entry (resource, partition, sort, value, revision, expires_at)
        values ($1, $2, $3, $4, nextval('fury_sdk.revision'), $5)
        on conflict (resource, partition, sort) do nothing
        returning revision
        """;

    private const string SwapSql = """
        update fury_sdk.entry set value = $4, revision = nextval('fury_sdk.revision'), expires_at = $5
         where resource = $1 and partition = $2 and sort = $3 and revision = $6
        returning revision
        """;

    private const string DeleteSql = """
        delete from fury_sdk.entry where resource = $1 and partition = $2 and sort = $3 and ($4::bigint is null or revision = $4) returning revision
        """;

    private const string LockSql =
        "select revision from fury_sdk.entry where resource = $1 and partition = $2 and sort = $3 and revision = $4 for update";

    private const string ScanSql = """
        select sort, value, revision from fury_sdk.entry
         where resource = $1 and partition = $2 and starts_with(sort, $3) and ($4::text is null or sort > $4)
         order by sort limit $5
        """;

    private const string KeysSql = """
        select partition, sort from fury_sdk.entry
         where resource = $1 and ($2::text is null or (partition, sort) > ($2, $3))
         order by partition, sort limit $4
        """;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        KeyValueCapabilities.Cas,
        KeyValueCapabilities.TimeToLive,
        KeyValueCapabilities.PrefixScan,
        KeyValueCapabilities.PartitionTransaction,
        KeyValueCapabilities.StrongRead);

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        await using var command = Command(GetSql, key.Partition, key.Sort ?? "");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new KvItem(key, reader.GetFieldValue<byte[]>(0), Text(reader.GetInt64(1))) : null;
    }

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        await using var connection = await Connect(cancellation);
        var revision = await Apply(connection, step, cancellation);
        return new KvWritten(revision is not null, step.Kind == KvStepKind.Put ? revision : null);
    }

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        await using var connection = await Connect(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var revisions = new string?[steps.Count];
        // In one order, so that two transactions wait for each other and never both.
        foreach (var (index, step) in steps.Index().OrderBy(each => each.Item.Key.Sort ?? "", StringComparer.Ordinal))
        {
            var revision = await Apply(connection, step, cancellation);
            if (revision is null && !(step.Kind == KvStepKind.Delete && step.Guard.IsNone))
            {
                await transaction.RollbackAsync(cancellation);
                return null;
            }

            revisions[index] = step.Kind == KvStepKind.Put ? revision : null;
        }

        await transaction.CommitAsync(cancellation);
        return revisions;
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        await using var command = Command(ScanSql, partition, prefix, after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<KvItem> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            var sort = reader.GetString(0);
            items.Add(new KvItem(
                new KvKey(partition, sort.Length == 0 ? null : sort), reader.GetFieldValue<byte[]>(1), Text(reader.GetInt64(2))));
        }

        return items;
    }

    public async ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation)
    {
        // A page ends with a key, told as the length of its partition and both parts.
        var colon = from?.IndexOf(':') ?? 0;
        var length = from is null ? 0 : int.Parse(from.AsSpan(0, colon), CultureInfo.InvariantCulture);
        await using var command = Command(KeysSql, from?.Substring(colon + 1, length), from?[(colon + 1 + length)..], limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<KvKey> keys = [];
        while (await reader.ReadAsync(cancellation))
        {
            var sort = reader.GetString(1);
            keys.Add(new KvKey(reader.GetString(0), sort.Length == 0 ? null : sort));
        }

        return new KvKeyPage(keys, keys.Count < limit ? null : $"{keys[^1].Partition.Length}:{keys[^1].Partition}{keys[^1].Sort}");
    }

    /// <summary>One step; its revision, or null when the guard did not allow it or there was nothing to delete.</summary>
    private async Task<string?> Apply(NpgsqlConnection connection, KvStep step, CancellationToken cancellation)
    {
        var (partition, sort) = (step.Key.Partition, step.Key.Sort ?? "");
        object? revision = step.Guard.Revision is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
        object? expires = step.ExpiresAt?.UtcDateTime;
        var value = step.Value.ToArray();
        if (step is { Kind: KvStepKind.Check, Guard.IsAbsent: true })
        {
            // A row that goes again: until the transaction ends, nobody else can make one.
            return await Scalar(Command(connection, CreateSql, partition, sort, Array.Empty<byte>(), null), cancellation) is { } made
                ? await Scalar(Command(connection, DeleteSql, partition, sort, made), cancellation) is not null ? "" : null
                : null;
        }

        var found = await Scalar(
            step.Kind switch
            {
                KvStepKind.Put when step.Guard.IsAbsent => Command(connection, CreateSql, partition, sort, value, expires),
                KvStepKind.Put when revision is not null => Command(connection, SwapSql, partition, sort, value, expires, revision),
                KvStepKind.Put => Command(connection, PutSql, partition, sort, value, expires),
                KvStepKind.Delete => Command(connection, DeleteSql, partition, sort, revision),
                _ => Command(connection, LockSql, partition, sort, revision ?? 0L),
            },
            cancellation);
        return found is { } number ? Text(number) : null;
    }

    private static async Task<long?> Scalar(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using (command)
        {
            return await command.ExecuteScalarAsync(cancellation) as long?;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
