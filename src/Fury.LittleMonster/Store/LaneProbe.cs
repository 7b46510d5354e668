using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Finds out what became of a flush whose answer was lost: its first journal row is there, or none of it is.</summary>
internal static class LaneProbe
{
    private const string ProbeSql = "select exists (select from lm.journal j where j.saga = $1 and j.seq = $2)";

    /// <summary>False also for a batch that has nothing to look for; sending such a one again changes nothing.</summary>
    public static async Task<bool> WasCommitted(
        NpgsqlConnection connection,
        IReadOnlyList<CommitItem> batch,
        CancellationToken cancellation)
    {
        // A start may have lost its key and left no row, so a change of a running saga is the better witness.
        var witness = batch.FirstOrDefault(item => item is { Start: null, Write: not null })
            ?? batch.FirstOrDefault(item => item.Start is not null);
        if (witness is null)
        {
            return false;
        }

        await using var command = new NpgsqlCommand(ProbeSql, connection)
        {
            Parameters = { new() { Value = witness.Saga.Id.Value }, new() { Value = (witness.Write?.SeqBefore ?? 0) + 1 } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private const string LateSql = """
        select u.id, k.saga, k.req_hash = u.hash
          from unnest($1, $2, $3) u(id, start_key, hash) join lm.start_key k on k.key = u.start_key
         where k.saga <> u.id
        """;

    /// <summary>The starts of a committed batch that came too late for their key.</summary>
    public static async Task<Dictionary<long, CommitResult.Late>> Late(
        NpgsqlConnection connection,
        IReadOnlyList<CommitItem> batch,
        CancellationToken cancellation)
    {
        var starts = batch.Where(item => item.Start?.Key is not null).ToArray();
        await using var command = new NpgsqlCommand(LateSql, connection)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(starts, item => item.Saga.Id.Value) },
                new() { Value = Array.ConvertAll(starts, item => item.Start!.Key!) },
                new() { Value = Array.ConvertAll(starts, item => item.Start!.Hash!) },
            },
        };
        var late = new Dictionary<long, CommitResult.Late>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            late[reader.GetInt64(0)] = new CommitResult.Late(new SagaId(reader.GetInt64(1)), reader.GetBoolean(2));
        }

        return late;
    }
}
