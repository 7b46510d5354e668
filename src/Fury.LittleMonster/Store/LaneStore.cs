using Npgsql;

namespace Fury.LittleMonster;

/// <summary>A lane's own connection to PostgreSQL.</summary>
internal sealed class LaneStore(NpgsqlDataSource database, HostLease host) : ILaneStore
{
    private NpgsqlConnection? _connection;
    private BatchCommand? _batch;

    public Task<IReadOnlyDictionary<long, CommitResult.Late>> Commit(IReadOnlyList<CommitItem> items, CancellationToken cancellation) =>
        Use(async connection =>
        {
            _batch ??= await BatchCommand.Prepare(connection, host, cancellation);
            return await _batch.Execute(items, cancellation);
        }, cancellation);

    // By this incarnation: a successor that took the saga over has written its own row under the same number.
    private const string ProbeSql = "select exists (select from lm.journal j where j.saga = $1 and j.seq = $2 and j.host = $3)";

    public Task<bool> WasCommitted(IReadOnlyList<CommitItem> items, CancellationToken cancellation) => Use(async connection =>
    {
        // A start may have lost its key and left no row, so a change of a running saga is the better witness.
        var witness = items.FirstOrDefault(item => item is { Start: null, Write.Journal.Count: > 0 })
            ?? items.FirstOrDefault(item => item.Start is not null);
        if (witness is null)
        {
            return false;
        }

        await using var command = new NpgsqlCommand(ProbeSql, connection)
        {
            Parameters =
            {
                new() { Value = witness.Saga.Id.Value }, new() { Value = (witness.Write?.SeqBefore ?? 0) + 1 }, new() { Value = host.Host },
            },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }, cancellation);

    private const string LateSql = """
        select u.id, k.saga, k.req_hash = u.hash
          from unnest($1, $2, $3) u(id, start_key, hash) join lm.start_key k on k.key = u.start_key
         where k.saga <> u.id
        """;

    public Task<IReadOnlyDictionary<long, CommitResult.Late>> Late(IReadOnlyList<CommitItem> items, CancellationToken cancellation) =>
        Use(async connection =>
        {
            var starts = items.Where(item => item.Start?.Key is not null).ToArray();
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

            return (IReadOnlyDictionary<long, CommitResult.Late>)late;
        }, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            (_connection, _batch) = (null, null);
            await connection.DisposeAsync();
        }
    }

    // The plans of commit_batch are made once and kept, mostly while the tables are empty; they must be look-ups by key all the same.
    private const string SessionSql = """
        set lock_timeout = '2s'; set statement_timeout = '5s';
        set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    private async Task<T> Use<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            if (_connection is null)
            {
                var connection = await database.OpenConnectionAsync(cancellation);
                _connection = connection;
                await using var session = new NpgsqlCommand(SessionSql, connection);
                await session.ExecuteNonQueryAsync(cancellation);
            }

            return await work(_connection);
        }
        catch (PostgresException refused) when (refused.SqlState == "LM001")
        {
            throw new FencedException();
        }
        catch (PostgresException refused) when (refused.SqlState == "LM002")
        {
            throw new MisfitException(refused.MessageText);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            await DisposeAsync();
            throw;
        }
    }
}
