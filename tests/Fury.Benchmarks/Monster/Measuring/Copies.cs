using Npgsql;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// Multiplies one saga: every row that Little Monster wrote for it, again and again, with another id, key, shard, start key and number. So
/// the rows are those that it would write itself, to the last column; only quicker. Times stay those of the one saga.
/// </summary>
internal sealed class Copies(Database database)
{
    /// <summary>Numbers of sagas to copy and of copies have seven digits, so that one takes the other's place in any encoding.</summary>
    public const int FirstCopy = 1_000_000;

    public const int FirstOriginal = 1_900_000;

    /// <summary>Before the ids that are minted now, by so many milliseconds; the upper 41 bits of an id are its time.</summary>
    private const int Earlier = 1_000_000_000;

    /// <summary>Every table with rows of a saga, and its column with the saga's id.</summary>
    private static readonly (string Table, string Id)[] SagaTables = [("saga", "id"), ("done", "id"), ("journal", "saga"), ("start_key", "saga")];

    /// <summary>The shard of a key: FNV-1a, folded to its last byte.</summary>
    private const string ShardFunction = """
        create schema if not exists bench;
        create or replace function bench.shard(key text) returns smallint language plpgsql immutable as $$
        declare
          hash bigint := 2166136261;
          bytes bytea := convert_to(key, 'UTF8');
        begin
          for n in 0 .. length(bytes) - 1 loop
            hash := ((hash # get_byte(bytes, n)) * 16777619) & 4294967295;
          end loop;
          return (hash & 255) # ((hash >> 8) & 255) # ((hash >> 16) & 255) # (hash >> 24);
        end $$
        """;

    private const string ColumnsSql = """
        select attname from pg_attribute where attrelid = ('lm.' || $1)::regclass and attnum > 0 and not attisdropped order by attnum
        """;

    /// <summary>Copies the saga so often; the copies' numbers begin at <see cref="FirstCopy"/> plus <paramref name="skip"/>.</summary>
    /// <param name="startKey">The start key of the original, without its saga's name.</param>
    public async Task Make(string startKey, int original, int skip, int count, CancellationToken cancellation)
    {
        await database.Execute(ShardFunction, cancellation);
        if (await database.Number("select count(*) from lm.saga where shard <> bench.shard(key)", cancellation) > 0)
        {
            throw new InvalidOperationException("Shards are reckoned otherwise by now; reckon them so here too.");
        }

        foreach (var (table, id) in SagaTables)
        {
            var columns = await Columns(table, cancellation);
            await database.Execute(
                $"""
                with original as materialized (
                  select k.saga as id, coalesce((select input from lm.saga where id = k.saga), (select input from lm.done where id = k.saga)) as input
                    from lm.start_key k where k.key like '%:{startKey}')
                insert into lm.{table} ({string.Join(", ", columns)})
                select {string.Join(", ", columns.Select(column => Value(table, column, original)))}
                  from original o
                  join lm.{table} t on t.{id} = o.id
                 cross join lateral (
                   select n, (((o.id >> 22) - {Earlier} + n / 4096) << 22) | (o.id & {1023 << 12}) | (n % 4096) as id
                     from generate_series({FirstCopy + skip}, {FirstCopy + skip + count - 1}) n) c
                """,
                cancellation);
        }
    }

    private static string Value(string table, string column, int original) => (table, column) switch
    {
        (_, "id" or "saga") => "c.id",
        ("start_key", "key") => "split_part(t.key, ':', 1) || ':' || left(md5(c.n::text), 16) || '/copies'",
        (_, "key") => "c.id::text",
        (_, "turn") => "nextval('lm.turn_seq')",
        (_, "shard") => "bench.shard(c.id::text)",
        (_, "req_hash") => $"sha256({Renumbered("o.input", original)})",
        (_, "input" or "data") => Renumbered($"t.{column}", original),
        _ => $"t.{column}",
    };

    private static string Renumbered(string bytes, int original) =>
        $"decode(replace(encode({bytes}, 'hex'), encode('{original}', 'hex'), encode(convert_to(c.n::text, 'UTF8'), 'hex')), 'hex')";

    private async Task<List<string>> Columns(string table, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await using var command = new NpgsqlCommand(ColumnsSql, connection) { Parameters = { new() { Value = table } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<string> columns = [];
        while (await reader.ReadAsync(cancellation))
        {
            columns.Add(reader.GetString(0));
        }

        return columns;
    }
}
