using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Npgsql;

namespace Fury.Access.Audit;

/// <summary>What is asked of the trail; null: whatever it is.</summary>
internal sealed record AuditQuery(
    string? Caller, string? Application, string? Permission, bool? Denied, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>The trail in the database. One writer at a time gives the rows their places; what waits meanwhile is written together.</summary>
internal sealed class AuditStore
{
    private const string Columns = """
        seq, at, caller, via, credential, from_where, method, route, path, application, scope, permission, denied, status, why, before, after, hash
        """;

    // Of this transaction, whichever host it is of. The number means nothing but this.
    private const string LockSql = "select pg_advisory_xact_lock(4857201937)";
    private const string LastSql = "select seq, hash from access.audit order by seq desc limit 1";

    private const string AddSql = """
        insert into access.audit (
            seq, at, caller, via, credential, from_where, method, route, path, application, scope, permission, denied, status, why, before, after, hash)
        values (
            @seq, @at, @caller, @via, @credential, @from, @method, @route, @path, @application, @scope, @permission, @denied, @status, @why, @before,
            @after, @hash)
        """;

    private const string ListSql = $"""
        select {Columns}
          from access.audit
         where (@after::bigint is null or seq < @after)
           and (@caller::text is null or caller = @caller)
           and (@application::text is null or application = @application)
           and (@permission::text is null or permission = @permission)
           and (@denied::boolean is null or denied = @denied)
           and (@from::timestamptz is null or at >= @from)
           and (@to::timestamptz is null or at < @to)
         order by seq desc
         limit @rows
        """;

    private const string NextSql = $"select {Columns} from access.audit where seq > @after order by seq limit @rows";

    private const string AskSql = """
        insert into access.asked (id, at, entry)
        select id, @now, entry::jsonb from unnest(@ids, @entries) as asked (id, entry)
        """;

    private const string AnsweredSql = "delete from access.asked where id = any(@ids)";

    private const string UnansweredSql = """
        delete from access.asked
         where id in (select id from access.asked where at < @before order by at limit @most)
        returning at, entry
        """;

    private const int GroupMax = 200;
    private const int ReadMax = 1_000;

    private readonly IDatabase _database;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<(AuditEntry Entry, Guid? Asked), bool> _writes;
    private readonly GroupCommit<AuditEntry, Guid> _asks;

    public AuditStore(IDatabase database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        (_writes, _asks) = (new(Write, GroupMax), new(WriteAsked, GroupMax));
    }

    /// <inheritdoc cref="IAudit.Ask"/>
    public Task<Guid> Ask(AuditEntry entry, CancellationToken cancellation) => _asks.Add(entry, cancellation);

    /// <inheritdoc cref="IAudit.Keep"/>
    public Task Keep(AuditEntry entry, Guid? asked, CancellationToken cancellation) => _writes.Add((entry, asked), cancellation);

    /// <summary>Writes what was asked before that time and never kept, as what it is.</summary>
    public async Task KeepUnanswered(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var asked = (await connection.QueryAsync<Asked>(new CommandDefinition(
            UnansweredSql, new { before = before.UtcDateTime, most = GroupMax }, transaction, cancellationToken: cancellation))).ToList();
        if (asked.Count == 0)
        {
            return;
        }

        await Append(connection, transaction, [.. asked.OrderBy(one => one.At).Select(one => one.ToEntry())], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Newest first.</summary>
    /// <param name="after">The place of the last one that is known; null: from the newest.</param>
    public async Task<Page<AuditRow>> List(AuditQuery query, long? after, int limit, CancellationToken cancellation)
    {
        var parameters = new
        {
            after,
            caller = query.Caller,
            application = query.Application,
            permission = query.Permission,
            denied = query.Denied,
            from = query.From?.UtcDateTime,
            to = query.To?.UtcDateTime,
            rows = limit + 1,
        };
        await using var connection = await _database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        return Page<AuditRow>.Of([.. rows.Select(row => row.ToRow())], limit, row => row.Seq.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>All of it in its order, a bounded part at a time, as far as it goes when it is asked for.</summary>
    public async IAsyncEnumerable<AuditRow> All(long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            List<Row> rows;
            await using (var connection = await _database.Open(cancellation))
            {
                rows = [.. await connection.QueryAsync<Row>(new CommandDefinition(NextSql, new { after, rows = ReadMax }, cancellationToken: cancellation))];
            }

            foreach (var row in rows)
            {
                yield return row.ToRow();
                after = row.Seq;
            }

            if (rows.Count < ReadMax)
            {
                yield break;
            }
        }
    }

    private async Task<IReadOnlyList<bool>> Write(IReadOnlyList<(AuditEntry Entry, Guid? Asked)> group, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // Before the chain, as those do it that were never answered: else each could wait for the other.
        var ids = group.Where(one => one.Asked is not null).Select(one => one.Asked!.Value).ToArray();
        if (ids.Length > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(AnsweredSql, new { ids }, transaction, cancellationToken: cancellation));
        }

        await Append(connection, transaction, [.. group.Select(one => one.Entry)], cancellation);
        await transaction.CommitAsync(cancellation);
        return [.. group.Select(_ => true)];
    }

    private async Task<IReadOnlyList<Guid>> WriteAsked(IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        var now = _clock.GetUtcNow();
        var ids = entries.Select(_ => Guid.CreateVersion7(now)).ToArray();
        var parameters = new { ids, entries = entries.Select(entry => JsonSerializer.Serialize(entry)).ToArray(), now = now.UtcDateTime };
        await using var connection = await _database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(AskSql, parameters, cancellationToken: cancellation));
        return ids;
    }

    /// <summary>At the end of the chain, which is this transaction's alone until it ends.</summary>
    private async Task Append(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(new CommandDefinition(LockSql, null, transaction, cancellationToken: cancellation));
        var last = await connection.QuerySingleOrDefaultAsync<Place>(new CommandDefinition(LastSql, null, transaction, cancellationToken: cancellation));
        var (seq, hash, now) = (last?.Seq ?? 0, last?.Hash, Microseconds(_clock.GetUtcNow()));
        foreach (var entry in entries)
        {
            var row = AuditRow.Of(hash, ++seq, now, entry);
            hash = row.Hash;
            await Add(connection, transaction, row, cancellation);
        }
    }

    private static Task<int> Add(NpgsqlConnection connection, NpgsqlTransaction transaction, AuditRow row, CancellationToken cancellation)
    {
        var entry = row.Entry;
        var parameters = new
        {
            seq = row.Seq,
            at = row.At.UtcDateTime,
            caller = entry.Caller,
            via = entry.Via,
            credential = entry.Credential,
            from = entry.From,
            method = entry.Method,
            route = entry.Route,
            path = entry.Path,
            application = entry.Application,
            scope = entry.Scope,
            permission = entry.Permission,
            denied = entry.IsDenied,
            status = entry.Status,
            why = entry.Why,
            before = entry.Before,
            after = entry.After,
            hash = row.Hash,
        };
        return connection.ExecuteAsync(new CommandDefinition(AddSql, parameters, transaction, cancellationToken: cancellation));
    }

    private static DateTimeOffset Microseconds(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private sealed record Asked(DateTime At, string Entry)
    {
        public AuditEntry ToEntry() => JsonSerializer.Deserialize<AuditEntry>(Entry)! with
        {
            Status = 0,
            Why = $"Asked for at {At:yyyy-MM-dd HH:mm:ss} UTC; the host has ended before its outcome was known, so whether it was done must be looked up.",
        };
    }

    private sealed record Place(long Seq, byte[] Hash);

    private sealed record Row(
        long Seq, DateTime At, string Caller, string Via, string? Credential, string? FromWhere, string Method, string Route, string Path,
        string? Application, string? Scope, string? Permission, bool Denied, int Status, string? Why, string? Before, string? After, byte[] Hash)
    {
        public AuditRow ToRow() => new(
            Seq, At, new(Caller, Via, Credential, FromWhere, Method, Route, Path, Application, Scope, Permission, Denied, Status, Why, Before, After), Hash);
    }
}
