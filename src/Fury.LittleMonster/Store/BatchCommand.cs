using Npgsql;
using NpgsqlTypes;

namespace Fury.LittleMonster;

/// <summary>Items as the arrays of <c>lm.commit_batch</c>. Prepared once, and filled anew for each flush.</summary>
internal sealed class BatchCommand : IAsyncDisposable
{
    private readonly HostLease _host;
    private readonly NpgsqlCommand _command;
    private int _next;

    private BatchCommand(NpgsqlConnection connection, HostLease host)
    {
        _host = host;
        _command = new NpgsqlCommand(null, connection);
    }

    public static async Task<BatchCommand> Prepare(NpgsqlConnection connection, HostLease host, CancellationToken cancellation)
    {
        var batch = new BatchCommand(connection, host);
        batch.Fill([]);
        var places = string.Join(", ", batch._command.Parameters.Select((_, index) => $"${index + 1}"));
        batch._command.CommandText = $"select late_saga, kept_saga, same from lm.commit_batch({places})";
        await batch._command.PrepareAsync(cancellation);
        return batch;
    }

    public async Task<IReadOnlyDictionary<long, CommitResult.Late>> Execute(IReadOnlyList<CommitItem> items, CancellationToken cancellation)
    {
        Fill(items);
        var late = new Dictionary<long, CommitResult.Late>();
        await using var reader = await _command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            late[reader.GetInt64(0)] = new CommitResult.Late(new SagaId(reader.GetInt64(1)), reader.GetBoolean(2));
        }

        return late;
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private void Fill(IReadOnlyList<CommitItem> items)
    {
        List<CommitItem> starts = [], transitions = [], endings = [], changes = [], writes = [];
        foreach (var item in items.Where(item => item.Write is not null))
        {
            writes.Add(item);
            if (item.Start is not null)
            {
                starts.Add(item);
                continue;
            }

            changes.Add(item);
            (item.Saga.IsFinal ? endings : transitions).Add(item);
        }

        _next = 0;
        Add(NpgsqlDbType.Bigint, _host.Host);
        Add(NpgsqlDbType.Bigint, _host.Epoch);
        AddStarts(starts);
        AddRevivals([.. changes.Where(item => item.Write!.Revive)]);
        AddTransitions(transitions);
        AddEndings(endings);
        AddJournal(changes);
        AddLedger(writes);
        AddInbox(items);
    }

    private void AddStarts(List<CommitItem> items)
    {
        AddAll(NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(NpgsqlDbType.Smallint, items, item => item.Saga.Shard);
        AddAll(NpgsqlDbType.Text, items, item => item.Saga.Key);
        AddAll(NpgsqlDbType.Smallint, items, item => item.Start!.Definition);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.Version);
        AddAll(NpgsqlDbType.TimestampTz, items, item => item.Saga.Deadline.UtcDateTime);
        AddAll(NpgsqlDbType.Bytea, items, item => SagaCodec.Bytes(item.Saga.Input));
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(NpgsqlDbType.TimestampTz, items, item => item.Saga.DueAt?.UtcDateTime);
        AddAll(NpgsqlDbType.Integer, items, item => SagaRow.Flags(item.Saga));
        AddAll(NpgsqlDbType.Bytea, items, item => item.Data);
        AddAll(NpgsqlDbType.Text, items, item => item.Start!.Key);
        AddAll(NpgsqlDbType.Bytea, items, item => item.Start!.Hash);
        AddAll(NpgsqlDbType.Bigint, items, item => item.Saga.Parent?.Value);
        AddAll(NpgsqlDbType.Text, items, item => item.Saga.Trace);
    }

    private void AddRevivals(List<CommitItem> items)
    {
        AddAll(NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(NpgsqlDbType.Smallint, items, item => item.Saga.Shard);
    }

    private void AddTransitions(List<CommitItem> items)
    {
        AddAll(NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(NpgsqlDbType.Integer, items, item => item.Write!.SeqBefore);
        AddAll(NpgsqlDbType.Integer, items, item => item.Saga.Seq);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.Version);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.Step);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)(item.Saga.Undoing ? 1 : 0));
        AddAll(NpgsqlDbType.Integer, items, item => item.Saga.Attempt);
        AddAll(NpgsqlDbType.TimestampTz, items, item => item.Saga.DueAt?.UtcDateTime);
        AddAll(NpgsqlDbType.TimestampTz, items, item => item.Saga.Deadline.UtcDateTime);
        AddAll(NpgsqlDbType.Integer, items, item => SagaRow.Flags(item.Saga));
        AddAll(NpgsqlDbType.Bytea, items, item => item.Write!.NewInput ? SagaCodec.Bytes(item.Saga.Input) : null);
        AddAll(NpgsqlDbType.Bytea, items, item => item.Data);
    }

    private void AddEndings(List<CommitItem> items)
    {
        AddAll(NpgsqlDbType.Bigint, items, item => item.Saga.Id.Value);
        AddAll(NpgsqlDbType.Integer, items, item => item.Write!.SeqBefore);
        AddAll(NpgsqlDbType.Integer, items, item => item.Saga.Seq);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.State);
        AddAll(NpgsqlDbType.Smallint, items, item => (short)item.Saga.Step);
        AddAll(NpgsqlDbType.Integer, items, item => item.Saga.Attempt);
        AddAll(NpgsqlDbType.Text, items, item => item.Saga.Fault?.Message);
        AddAll(NpgsqlDbType.Bytea, items, item => item.Data);
    }

    private void AddJournal(List<CommitItem> items)
    {
        List<(CommitItem Item, int Seq, JournalEntry Entry)> rows = [];
        foreach (var item in items)
        {
            for (var index = 0; index < item.Write!.Journal.Count; index++)
            {
                rows.Add((item, item.Write.SeqBefore + index + 1, item.Write.Journal[index]));
            }
        }

        AddAll(NpgsqlDbType.Bigint, rows, row => row.Item.Saga.Id.Value);
        AddAll(NpgsqlDbType.Integer, rows, row => row.Seq);
        AddAll(NpgsqlDbType.Smallint, rows, row => (short)row.Entry.Kind);
        AddAll(NpgsqlDbType.Smallint, rows, row => (short)row.Entry.Step);
        AddAll(NpgsqlDbType.Integer, rows, row => row.Entry.Attempt);
        AddAll(NpgsqlDbType.TimestampTz, rows, row => row.Entry.Time?.Began.UtcDateTime);
        AddAll(NpgsqlDbType.Real, rows, row => (float?)row.Entry.Time?.Took.TotalSeconds);
        AddAll(NpgsqlDbType.Bytea, rows, row => row.Entry.Data.IsEmpty ? null : SagaCodec.Bytes(row.Entry.Data));
    }

    private void AddLedger(List<CommitItem> items)
    {
        // The last change of a token wins: one statement cannot touch a row twice.
        var rows = items.Where(item => item.Write!.Ledger.Count > 0)
            .SelectMany(item => item.Write!.Ledger.Select(change => (item.Saga, Change: change)))
            .GroupBy(row => (row.Saga.Id, row.Change.Step)).Select(same => same.Last())
            .Select(row => (Token: SagaToken.Of(_host.Space, row.Saga.Id, _host.StepName(row.Saga, row.Change.Step)), row.Saga, row.Change))
            .ToList();
        AddAll(NpgsqlDbType.Uuid, rows, row => row.Token);
        AddAll(NpgsqlDbType.Bigint, rows, row => row.Saga.Id.Value);
        AddAll(NpgsqlDbType.Smallint, rows, row => (short)row.Change.Step);
        AddAll(NpgsqlDbType.Text, rows, row => row.Change.Entry.Provider);
        AddAll(NpgsqlDbType.Text, rows, row => row.Change.Entry.Region);
        AddAll(NpgsqlDbType.Text, rows, row => row.Change.Entry.Kind);
        AddAll(NpgsqlDbType.Text, rows, row => row.Change.ExternalId);
        AddAll(NpgsqlDbType.Smallint, rows, row => (short)row.Change.State);
    }

    private void AddInbox(IReadOnlyList<CommitItem> items)
    {
        var rows = items.Where(item => item.Inbox.Count > 0).SelectMany(item => item.Inbox.Select(id => (item.Saga.Shard, id))).ToList();
        AddAll(NpgsqlDbType.Smallint, rows, row => row.Shard);
        AddAll(NpgsqlDbType.Bigint, rows, row => row.id);
    }

    private void AddAll<TRow, T>(NpgsqlDbType type, List<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = value(rows[index]);
        }

        Add(NpgsqlDbType.Array | type, values);
    }

    private void Add<T>(NpgsqlDbType type, T value)
    {
        if (_next == _command.Parameters.Count)
        {
            _command.Parameters.Add(new NpgsqlParameter<T> { NpgsqlDbType = type });
        }

        ((NpgsqlParameter<T>)_command.Parameters[_next++]).TypedValue = value;
    }
}
