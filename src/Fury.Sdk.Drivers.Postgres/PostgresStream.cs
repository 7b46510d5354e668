using System.Globalization;
using System.Text;
using System.Text.Json;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Drivers.Postgres;

/// <summary>
/// A row for each record, and one for each partition that counts them: whoever appends holds it until the commit, so positions are seen in their order and
/// none comes after a later one was read. Claims of groups are by the database's clock.
/// </summary>
internal sealed class PostgresStream(DriverContext context, string connectionString) : PostgresDriver(context, connectionString), IStreamDriver
{
    private const int PartitionCount = 4;

    private const string AppendSql = """
        with next as (
          insert into fury_sdk.partition as p (resource, name, last) values ($1, $2, 1)
          on conflict (resource, name) do update set last = p.last + 1
          returning last)
        insert into fury_sdk.record (resource, partition, position, key, body, headers, at)
        select $1, $2, last, $3, $4, $5, clock_timestamp() from next
        returning position
        """;

    private const string ReadSql = """
        select position, key, body, headers, at from fury_sdk.record
         where resource = $1 and partition = $2 and position > $3 order by position limit $4
        """;

    private const string ClaimSql = """
        insert into fury_sdk.claim as c (resource, partition, name, member, generation, ends_at, checkpoint)
        values ($1, $2, $3, $4, 1, clock_timestamp() + $5, 0)
        on conflict (resource, partition, name) do update
          set generation = case when c.ends_at <= clock_timestamp() then c.generation + 1 else c.generation end,
              member = excluded.member, ends_at = excluded.ends_at
          where c.member = excluded.member or c.ends_at <= clock_timestamp()
        returning generation, checkpoint
        """;

    private const string ReleaseSql =
        "update fury_sdk.claim set ends_at = '-infinity' where resource = $1 and partition = $2 and name = $3 and member = $4";

    private const string CheckpointSql = """
        update fury_sdk.claim set checkpoint = greatest(checkpoint, $5)
         where resource = $1 and partition = $2 and name = $3 and generation = $4 and ends_at > clock_timestamp()
        """;

    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));

    private static readonly IReadOnlyList<string> Partitions =
        [.. Enumerable.Range(0, PartitionCount).Select(each => string.Create(CultureInfo.InvariantCulture, $"p{each}"))];

    private readonly TimeProvider _clock = context.Clock;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(StreamCapabilities.Groups);

    public ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation) => ValueTask.FromResult(Partitions);

    public async ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation)
    {
        var headers = JsonSerializer.Serialize(record.Headers, HeadersJson.Default.IReadOnlyDictionaryStringString);
        await using var command = Command(AppendSql, PartitionOf(record.Key), record.Key, record.Body.ToArray(), headers);
        return Position((long)(await command.ExecuteScalarAsync(cancellation))!);
    }

    public ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation)
    {
        var from = Number(after);
        return Looks.FindAsync(() => Read(partition, from, max, cancellation), wait, _clock, cancellation);
    }

    public async ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = Command(ClaimSql, partition, group, member, lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new PartitionClaim(reader.GetInt64(0), Position(reader.GetInt64(1))) : null;
    }

    public async ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation)
    {
        await using var command = Command(ReleaseSql, partition, group, member);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation)
    {
        await using var command = Command(CheckpointSql, partition, group, generation, Number(position));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private async ValueTask<IReadOnlyList<StreamRecord>> Read(string partition, long after, int max, CancellationToken cancellation)
    {
        await using var command = Command(ReadSql, partition, after, max);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StreamRecord> records = [];
        while (await reader.ReadAsync(cancellation))
        {
            records.Add(new StreamRecord(
                partition,
                Position(reader.GetInt64(0)),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.GetDateTime(4),
                JsonSerializer.Deserialize(reader.GetString(3), HeadersJson.Default.DictionaryStringString)!));
        }

        return records;
    }

    /// <summary>By FNV-1a: the same in every process.</summary>
    private static string PartitionOf(string key)
    {
        var hash = 2166136261u;
        foreach (var each in Encoding.UTF8.GetBytes(key))
        {
            hash = (hash ^ each) * 16777619;
        }

        return Partitions[(int)(hash % PartitionCount)];
    }

    private static StreamPosition Position(long number) =>
        number == 0 ? StreamPosition.Earliest : new StreamPosition(number.ToString(CultureInfo.InvariantCulture));

    private static long Number(StreamPosition position) => string.IsNullOrEmpty(position.Value) ? 0
        : long.TryParse(position.Value, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FuryException(FuryErrorCode.InvalidArgument, $"The position '{position}' is none of this stream.");
}
