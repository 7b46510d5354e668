using Dapper;
using Npgsql;

namespace Fury.Hosting;

/// <summary>An event on its way.</summary>
internal sealed record OutboxRow(long Id, string Type, string Key, string Body, DateTime ToldAt, int Attempts);

/// <summary>The outbox's table, for its one reader.</summary>
internal sealed class OutboxStore(IDatabase database)
{
    private const string TakeSql = """
        delete from hosting.outbox where id = any(@finished);

        select id, type, key, body::text as body, told_at, attempts
          from hosting.outbox
         where id > @floor
           and parked_at is null
           and id <> all(@held)
           and key <> all(@full)
         order by id
         limit @limit
        """;

    private const string FailSql = """
        update hosting.outbox
           set attempts = @attempts, error = @error, parked_at = case when @park then clock_timestamp() end
         where id = @id
        """;

    private const string ParkedSql = "select count(*) from hosting.outbox where parked_at is not null";

    /// <summary>
    /// Deletes what is finished and then reads what is new, in one round trip and in this order: the other way round a finished row could be
    /// read once more. A delete that a crash of the server forgets means that an event is heard twice, so it need not wait for the disk.
    /// </summary>
    public static async Task<IReadOnlyList<OutboxRow>> Take(
        NpgsqlConnection connection, long[] finished, long floor, long[] held, string[] full, int limit, CancellationToken cancellation) =>
        (await connection.QueryAsync<OutboxRow>(
            new CommandDefinition(TakeSql, new { finished, floor, held, full, limit }, cancellationToken: cancellation))).AsList();

    /// <summary>Notes a failed attempt; a parked event is not tried again until somebody sets <c>parked_at</c> to null.</summary>
    public async Task Fail(long id, int attempts, string error, bool park, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(FailSql, new { id, attempts, error, park }, cancellationToken: cancellation));
    }

    public async Task<long> CountParked(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(ParkedSql, cancellationToken: cancellation));
    }
}
