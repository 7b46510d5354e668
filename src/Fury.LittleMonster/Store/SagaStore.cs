using System.Collections.Concurrent;
using Dapper;
using Fury.Hosting;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>What is read of sagas, and what anyone may ask for. Writing their state is <see cref="BatchCommand"/>'s alone.</summary>
internal sealed class SagaStore(IDatabase database, SagaRegistry registry)
{
    private readonly ConcurrentDictionary<short, string> _names = new();
    private readonly ConcurrentDictionary<(string, int), short> _ids = new();

    private const string RegisterSql = "select def, fits from lm.register(@name, @version::smallint, @manifest::jsonb)";

    /// <summary>
    /// The numbers of this host's definitions, given once. Throws <see cref="InvalidOperationException"/> when live sagas began with other
    /// steps under the same version.
    /// </summary>
    public async Task Register(CancellationToken cancellation)
    {
        foreach (var definition in registry.All.Where(definition => !_ids.ContainsKey((definition.Name, definition.Version))))
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellation);
            var (def, fits) = await connection.QuerySingleAsync<(short Def, bool Fits)>(new CommandDefinition(
                RegisterSql,
                new { name = definition.Name, version = definition.Version, manifest = SagaRegistry.Manifest(definition) },
                cancellationToken: cancellation));
            if (!fits)
            {
                throw new InvalidOperationException(
                    $"The steps of saga {definition.Name} have changed under version {definition.Version}, which live sagas began with. "
                    + "Keep that class for them and give the new one a higher version.");
            }

            _names[def] = definition.Name;
            _ids[(definition.Name, definition.Version)] = def;
        }
    }

    public short DefinitionId(SagaDefinition definition) => _ids[(definition.Name, definition.Version)];

    private const string LoadSql = $"""
        select {SagaRow.LiveColumns} from lm.saga s where s.shard = any(@shards) order by s.started_at, s.id
        """;

    /// <summary>The live sagas of shards that this host owns, in the order in which they were started.</summary>
    public Task<IReadOnlyList<SagaRow>> Load(short[] shards, CancellationToken cancellation) =>
        Read(LoadSql, new NpgsqlParameter<short[]>("shards", shards), cancellation);

    private const string FindSql = $"""
        select {SagaRow.LiveColumns} from lm.saga s where s.id = @id
        union all
        select {SagaRow.DoneColumns} from lm.done d where d.id = @id
        """;

    /// <summary>A saga, live or ended, as it was last committed.</summary>
    public async Task<SagaRow?> Find(SagaId id, CancellationToken cancellation) =>
        (await Read(FindSql, new NpgsqlParameter<long>("id", id.Value), cancellation)) is [var row, ..] ? row : null;

    private const string RequestStartSql =
        "select saga, same, fresh from lm.request_start(@key, @hash, @saga, @shard, @payload)";

    /// <summary>
    /// Wins the key and puts the start in the inbox of its shard, or answers who has the key; in the transaction, when one is given.
    /// </summary>
    public async Task<(SagaId Saga, bool Same, bool Fresh)> RequestStart(
        StartRow start,
        byte[] payload,
        ITransaction? transaction,
        CancellationToken cancellation)
    {
        await using var own = transaction is null ? await database.Source.OpenConnectionAsync(cancellation) : null;
        var (saga, same, fresh) = await (own ?? transaction!.Connection).QuerySingleAsync<(long, bool, bool)>(new CommandDefinition(
            RequestStartSql,
            new { key = start.Key, hash = start.Hash, saga = start.Saga.Id.Value, shard = start.Saga.Shard, payload },
            transaction?.Inner,
            cancellationToken: cancellation));
        return (new SagaId(saga), same, fresh);
    }

    private const string RequestCancelSql =
        "insert into lm.inbox (shard, saga, kind, payload) values (@shard, @saga, @kind, @payload)";

    /// <summary>Puts a request for cancelling in the inbox of the saga's shard.</summary>
    public async Task RequestCancel(short shard, SagaId saga, byte[] reason, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            RequestCancelSql,
            new { shard, saga = saga.Value, kind = (short)InboxKind.Cancel, payload = reason },
            cancellationToken: cancellation));
    }

    private const string InboxSql = """
        select id, shard, saga, kind, payload from lm.inbox
         where shard = any(@shards) and id <> all(@known) order by id limit @limit
        """;

    /// <summary>The oldest requests to these shards but those known; they stay until what they caused is committed.</summary>
    public async Task<IReadOnlyList<InboxRow>> Inbox(short[] shards, long[] known, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<InboxRow>(
            new CommandDefinition(InboxSql, new { shards, known, limit }, cancellationToken: cancellation));
        return rows.AsList();
    }

    private const string WaitingStartSql = "select payload from lm.inbox where saga = @saga and kind = 1";

    /// <summary>The start of a saga that no owner has taken in yet; null when there is none.</summary>
    public async Task<byte[]?> WaitingStart(SagaId id, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<byte[]>(
            new CommandDefinition(WaitingStartSql, new { saga = id.Value }, cancellationToken: cancellation));
    }

    private const string NamesSql = "select def, name from lm.definition";

    private async Task<IReadOnlyList<SagaRow>> Read(string sql, NpgsqlParameter parameter, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { parameter } };
        var rows = new List<SagaRow>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(SagaRow.Read(reader));
            }
        }

        if (rows.Exists(row => !_names.ContainsKey(row.Definition)))
        {
            var names = await connection.QueryAsync<(short, string)>(new CommandDefinition(NamesSql, cancellationToken: cancellation));
            foreach (var (def, name) in names)
            {
                _names[def] = name;
            }
        }

        return rows.ConvertAll(row => row with { Saga = row.Saga with { Name = _names[row.Definition] } });
    }
}

/// <summary>Kinds of inbox rows; the numbers are those in <c>lm.inbox</c>.</summary>
internal enum InboxKind
{
    Start = 1,
    Cancel = 2,
}

internal sealed record InboxRow(long Id, short Shard, long Saga, short Kind, byte[] Payload);
