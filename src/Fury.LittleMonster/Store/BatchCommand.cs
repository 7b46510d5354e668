using Npgsql;
using NpgsqlTypes;

namespace Fury.LittleMonster;

/// <summary>Items as the arrays of <c>lm.commit_batch</c>, and its answer.</summary>
internal static class BatchCommand
{
    private const string CommitSql = """
        select late_saga, kept_saga, same from lm.commit_batch(
          $1, $2,
          $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
          $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
          $26, $27, $28, $29, $30, $31, $32,
          $33, $34, $35, $36, $37, $38,
          $39, $40, $41, $42, $43, $44, $45, $46,
          $47, $48)
        """;

    /// <summary>
    /// Writes all items or none, if this incarnation is still the one it was. Answers the starts that came too late for their key.
    /// </summary>
    public static async Task<Dictionary<long, CommitResult.Late>> Execute(
        NpgsqlConnection connection,
        HostLease host,
        IReadOnlyList<CommitItem> items,
        CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(CommitSql, connection);
        Add(command, NpgsqlDbType.Bigint, host.Host);
        Add(command, NpgsqlDbType.Bigint, host.Epoch);
        AddStarts(command, [.. items.Where(item => item.Start is not null)]);
        var changes = items.Where(item => item is { Start: null, Write: not null }).ToArray();
        AddTransitions(command, [.. changes.Where(item => !item.Saga.IsFinal)]);
        AddEndings(command, [.. changes.Where(item => item.Saga.IsFinal)]);
        AddJournal(command, changes);
        AddLedger(command, host, [.. items.Where(item => item.Write is not null)]);
        AddInbox(command, items);

        // Prepared once per connection; from then on PostgreSQL neither parses nor plans it.
        await command.PrepareAsync(cancellation);
        var late = new Dictionary<long, CommitResult.Late>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            late[reader.GetInt64(0)] = new CommitResult.Late(new SagaId(reader.GetInt64(1)), reader.GetBoolean(2));
        }

        return late;
    }

    private static void AddStarts(NpgsqlCommand command, CommitItem[] items)
    {
        AddAll(command, NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(command, NpgsqlDbType.Smallint, items, item => item.Saga.Shard);
        AddAll(command, NpgsqlDbType.Text, items, item => item.Saga.Key);
        AddAll(command, NpgsqlDbType.Smallint, items, item => item.Start!.Definition);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.Version);
        AddAll(command, NpgsqlDbType.TimestampTz, items, item => item.Saga.Deadline.UtcDateTime);
        AddAll(command, NpgsqlDbType.Bytea, items, item => item.Saga.Input.ToArray());
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(command, NpgsqlDbType.TimestampTz, items, item => item.Saga.DueAt?.UtcDateTime);
        AddAll(command, NpgsqlDbType.Integer, items, item => SagaRow.Flags(item.Saga));
        AddAll(command, NpgsqlDbType.Bytea, items, item => SagaCodec.Data(item.Saga));
        AddAll(command, NpgsqlDbType.Text, items, item => item.Start!.Key);
        AddAll(command, NpgsqlDbType.Bytea, items, item => item.Start!.Hash);
    }

    private static void AddTransitions(NpgsqlCommand command, CommitItem[] items)
    {
        AddAll(command, NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(command, NpgsqlDbType.Integer, items, item => item.Write!.SeqBefore);
        AddAll(command, NpgsqlDbType.Integer, items, item => item.Saga.Seq);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.Step);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)(item.Saga.Undoing ? 1 : 0));
        AddAll(command, NpgsqlDbType.Integer, items, item => item.Saga.Attempt);
        AddAll(command, NpgsqlDbType.TimestampTz, items, item => item.Saga.DueAt?.UtcDateTime);
        AddAll(command, NpgsqlDbType.Integer, items, item => SagaRow.Flags(item.Saga));
        AddAll(command, NpgsqlDbType.Bytea, items, item => SagaCodec.Data(item.Saga));
    }

    private static void AddEndings(NpgsqlCommand command, CommitItem[] items)
    {
        AddAll(command, NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(command, NpgsqlDbType.Integer, items, item => item.Write!.SeqBefore);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(command, NpgsqlDbType.Smallint, items, item => (short)item.Saga.Step);
        AddAll(command, NpgsqlDbType.Integer, items, item => item.Saga.Attempt);
        AddAll(command, NpgsqlDbType.Text, items, item => item.Saga.Fault?.Message);
        AddAll(command, NpgsqlDbType.Bytea, items, item => SagaCodec.Data(item.Saga));
    }

    private static void AddJournal(NpgsqlCommand command, CommitItem[] items)
    {
        var rows = items.SelectMany(item => item.Write!.Journal.Select((entry, index) => (item, entry, index))).ToArray();
        AddAll(command, NpgsqlDbType.Bigint, rows, row => row.item.Saga.Id.Value);
        AddAll(command, NpgsqlDbType.Integer, rows, row => row.item.Write!.SeqBefore + row.index + 1);
        AddAll(command, NpgsqlDbType.Smallint, rows, row => (short)row.entry.Kind);
        AddAll(command, NpgsqlDbType.Smallint, rows, row => (short)row.entry.Step);
        AddAll(command, NpgsqlDbType.Integer, rows, row => row.entry.Attempt);
        AddAll(command, NpgsqlDbType.Bytea, rows, row => row.entry.Data.IsEmpty ? null : row.entry.Data.ToArray());
    }

    private static void AddLedger(NpgsqlCommand command, HostLease host, CommitItem[] items)
    {
        // The last change of a token wins: one statement cannot touch a row twice.
        var rows = items.SelectMany(item => item.Write!.Ledger.Select(change => (item.Saga, Change: change)))
            .GroupBy(row => (row.Saga.Id, row.Change.Step)).Select(same => same.Last())
            .Select(row => (Token: SagaToken.Of(host.Space, row.Saga.Id, host.StepName(row.Saga, row.Change.Step)), row.Saga, row.Change))
            .ToArray();
        AddAll(command, NpgsqlDbType.Uuid, rows, row => row.Token);
        AddAll(command, NpgsqlDbType.Bigint, rows, row => row.Saga.Id.Value);
        AddAll(command, NpgsqlDbType.Smallint, rows, row => (short)row.Change.Step);
        AddAll(command, NpgsqlDbType.Text, rows, row => row.Change.Entry.Provider);
        AddAll(command, NpgsqlDbType.Text, rows, row => row.Change.Entry.Region);
        AddAll(command, NpgsqlDbType.Text, rows, row => row.Change.Entry.Kind);
        AddAll(command, NpgsqlDbType.Text, rows, row => row.Change.ExternalId);
        AddAll(command, NpgsqlDbType.Smallint, rows, row => (short)row.Change.State);
    }

    private static void AddInbox(NpgsqlCommand command, IReadOnlyList<CommitItem> items)
    {
        var rows = items.SelectMany(item => item.Inbox.Select(id => (item.Saga.Shard, id))).ToArray();
        AddAll(command, NpgsqlDbType.Smallint, rows, row => row.Shard);
        AddAll(command, NpgsqlDbType.Bigint, rows, row => row.id);
    }

    private static void AddAll<TRow, T>(NpgsqlCommand command, NpgsqlDbType type, TRow[] rows, Func<TRow, T> value) =>
        Add(command, NpgsqlDbType.Array | type, Array.ConvertAll(rows, row => value(row)));

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
}
