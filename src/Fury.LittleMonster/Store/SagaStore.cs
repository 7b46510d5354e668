using System.Collections.Concurrent;
using Dapper;
using Fury.Hosting;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>What is read of sagas, and what anyone may ask for. Writing their state is <see cref="BatchCommand"/>'s alone.</summary>
internal sealed class SagaStore(IDatabase database, SagaRegistry registry) : ISagaStore
{
    private readonly ConcurrentDictionary<short, string> _names = new();
    private readonly ConcurrentDictionary<(string, int), short> _ids = new();
    private long _process;
    private volatile bool _registered;

    private const string ProcessSql = "select nextval('lm.process_seq')";

    private const string RegisterSql = "select def, fits from lm.register(@name, @version::smallint, @manifest::jsonb)";

    public async Task Register(CancellationToken cancellation)
    {
        if (_registered)
        {
            return;
        }

        await using (var connection = await database.Open(cancellation))
        {
            _process = await connection.QuerySingleAsync<long>(new CommandDefinition(ProcessSql, cancellationToken: cancellation));
        }

        foreach (var definition in registry.All.Where(definition => !_ids.ContainsKey((definition.Name, definition.Version))))
        {
            await using var connection = await database.Open(cancellation);
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

        await Names(cancellation);
        _registered = true;
    }

    public long Process => Volatile.Read(ref _process);

    public short DefinitionId(SagaDefinition definition) => _ids[(definition.Name, definition.Version)];

    private const string LoadSql = $"""
        select {SagaRow.LiveColumns} from lm.saga s where s.shard = any(@shards) order by s.turn
        """;

    public Task<IReadOnlyList<SagaRow>> Load(short[] shards, CancellationToken cancellation) =>
        Read(LoadSql, new NpgsqlParameter<short[]>("shards", shards), cancellation);

    private const string FindSql = $"""
        select {SagaRow.LiveColumns} from lm.saga s where s.id = @id
        union all
        select {SagaRow.DoneColumns} from lm.done d where d.id = @id
        """;

    public async Task<SagaRow?> Find(SagaId id, CancellationToken cancellation) =>
        (await Read(FindSql, new NpgsqlParameter<long>("id", id.Value), cancellation)) is [var row, ..] ? row : null;

    private const string RequestStartSql =
        "select saga, same, fresh from lm.request_start(@key, @hash, @saga, @shard, @payload)";

    public async Task<StartAnswer> RequestStart(StartRow start, byte[] payload, ITransaction? transaction, CancellationToken cancellation)
    {
        await using var own = transaction is null ? await database.Open(cancellation) : null;
        var (saga, same, fresh) = await (own ?? transaction!.Connection).QuerySingleAsync<(long, bool, bool)>(new CommandDefinition(
            RequestStartSql,
            new { key = start.Key, hash = start.Hash, saga = start.Saga.Id.Value, shard = start.Saga.Shard, payload },
            transaction?.Inner,
            cancellationToken: cancellation));
        return new StartAnswer(new SagaId(saga), same, fresh);
    }

    private const string RequestSql =
        "insert into lm.inbox (shard, saga, kind, payload) values (@shard, @saga, @kind, @payload)";

    public async Task Request(InboxRequest request, ITransaction? transaction, CancellationToken cancellation)
    {
        await using var own = transaction is null ? await database.Open(cancellation) : null;
        await (own ?? transaction!.Connection).ExecuteAsync(new CommandDefinition(
            RequestSql,
            new { shard = request.Shard, saga = request.Saga.Value, kind = (short)request.Kind, payload = request.Payload },
            transaction?.Inner,
            cancellationToken: cancellation));
    }

    private const string InboxSql = """
        select id, shard, saga, kind, payload from lm.inbox
         where shard = any(@shards) and id <> all(@known) order by id limit @limit
        """;

    public async Task<IReadOnlyList<InboxRow>> Inbox(short[] shards, long[] known, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<InboxRow>(
            new CommandDefinition(InboxSql, new { shards, known, limit }, cancellationToken: cancellation));
        return rows.AsList();
    }

    private const string WaitingStartSql = "select payload from lm.inbox where saga = @saga and kind = 1";

    public async Task<byte[]?> WaitingStart(SagaId id, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<byte[]>(
            new CommandDefinition(WaitingStartSql, new { saga = id.Value }, cancellationToken: cancellation));
    }

    private const string LookSql = "select n, saga, state, error, data from lm.look(@keys, @seal)";

    public async Task<IReadOnlyList<KeptStart>> Look(IReadOnlyList<string> keys, bool seal, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(int N, long Saga, short State, string Error, byte[]? Data)>(
            new CommandDefinition(LookSql, new { keys = keys.ToArray(), seal }, cancellationToken: cancellation));
        return [.. rows.Select(row => new KeptStart(
            row.N - 1, new SagaId(row.Saga), row.State == 0 ? null : (SagaState)row.State, row.Error, row.Data))];
    }

    private const string NamesSql = "select def, ver, name, manifest::text from lm.definition";

    private async Task Names(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(short Def, short Version, string Name, string Manifest)>(
            new CommandDefinition(NamesSql, cancellationToken: cancellation));
        foreach (var (def, version, name, manifest) in rows)
        {
            _names[def] = name;
            registry.Remember(name, version, manifest);
        }
    }

    private async Task<IReadOnlyList<SagaRow>> Read(string sql, NpgsqlParameter parameter, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
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
            await Names(cancellation);
        }

        return rows.ConvertAll(row => row with { Saga = row.Saga with { Name = _names[row.Definition] } });
    }
}
