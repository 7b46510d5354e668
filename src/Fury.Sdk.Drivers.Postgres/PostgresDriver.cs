using System.Net.Sockets;
using Npgsql;

namespace Fury.Sdk.Drivers.Postgres;

/// <summary>What all drivers of PostgreSQL have in common: the pool, the tables, and PostgreSQL's errors in our words.</summary>
internal abstract class PostgresDriver(DriverContext context, string connectionString) : IDriver
{
    // One at a time: "if not exists" alone does not keep two from making the same thing.
    private const string Schema = """
        begin;
        select pg_advisory_xact_lock(7105122);
        create schema if not exists fury_sdk;
        create sequence if not exists fury_sdk.revision;
        create table if not exists fury_sdk.entry (
          resource text collate "C", partition text collate "C", sort text collate "C",
          value bytea not null, revision bigint not null, expires_at timestamptz,
          primary key (resource, partition, sort));
        create table if not exists fury_sdk.message (
          id bigint generated always as identity primary key,
          resource text not null, side smallint not null, message_id text not null, body bytea not null, headers text not null,
          ordering_key text, visible_at timestamptz not null, token uuid, deliveries int not null default 0,
          enqueued_at timestamptz not null, reason text);
        create index if not exists message_next on fury_sdk.message (resource, side, visible_at, id);
        create index if not exists message_key on fury_sdk.message (resource, side, ordering_key, id) where ordering_key is not null;
        create table if not exists fury_sdk.seen (resource text, id text, until timestamptz not null, primary key (resource, id));
        create index if not exists seen_until on fury_sdk.seen (resource, until);
        create table if not exists fury_sdk.subscription (topic text, resource text, filter jsonb not null, primary key (topic, resource));
        create table if not exists fury_sdk.partition (resource text, name text, last bigint not null, primary key (resource, name));
        create table if not exists fury_sdk.record (
          resource text, partition text, position bigint, key text not null, body bytea not null, headers text not null, at timestamptz not null,
          primary key (resource, partition, position));
        create table if not exists fury_sdk.claim (
          resource text, partition text, name text, member text not null, generation bigint not null, ends_at timestamptz not null,
          checkpoint bigint not null, primary key (resource, partition, name));
        create table if not exists fury_sdk.lock (
          resource text, name text, owner text, counter bigint not null, ends_at timestamptz not null, primary key (resource, name));
        create table if not exists fury_sdk.sequence (resource text, name text, given bigint not null, primary key (resource, name));
        commit;
        """;

    /// <summary>So many with each message.</summary>
    private const string ForgottenMax = "10";

    /// <summary>
    /// Remembers an id, the fifth parameter, if there is one, for <c>mine (resource)</c>, which stands before it: <c>told</c> has a row if it is no duplicate.
    /// Ids whose time is over are forgotten, some with each message that has one. Whoever has locked some of them is not waited for.
    /// </summary>
    protected const string ForgetSql = $"""
        told as (
          insert into fury_sdk.seen as s (resource, id, until) select resource, $5, now() + interval '5 minutes' from mine where $5::text is not null
          on conflict (resource, id) do update set until = excluded.until where s.until <= now()
          returning 1),
        over as (
          select resource, id from fury_sdk.seen
           where $5::text is not null and resource = (select resource from mine) and id <> $5 and until <= now()
           limit {ForgottenMax} for update skip locked),
        forgotten as (
          delete from fury_sdk.seen s using over o where s.resource = o.resource and s.id = o.id)
        """;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public string Provider => PostgresProvider.Name;

    public abstract CapabilitySet Declared { get; }

    protected string Resource { get; } = context.Route.Resource;

    public virtual async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(Schema);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public FuryException Translate(Exception error) => error switch
    {
        // The server answered, so nothing has happened.
        PostgresException refused => new FuryException(Code(refused.SqlState), $"PostgreSQL refused: {refused.MessageText}", error)
        {
            ProviderCode = refused.SqlState,
            IsTransient = refused.IsTransient || refused.SqlState.StartsWith("57P", StringComparison.Ordinal),
        },
        NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable } } =>
            new FuryException(FuryErrorCode.Unavailable, "PostgreSQL cannot be reached.", error) { IsTransient = true },
        NpgsqlException => new FuryException(FuryErrorCode.Unavailable, "The connection to PostgreSQL broke.", error)
        {
            IsTransient = true,
            OutcomeUnknown = true,
        },
        _ => new FuryException(FuryErrorCode.Unknown, error.GetType().Name, error) { OutcomeUnknown = true },
    };

    /// <summary>A command whose first parameter is this resource.</summary>
    protected NpgsqlCommand Command(string sql, params object?[] parameters)
    {
        var command = _source.CreateCommand(sql);
        Fill(command, parameters);
        return command;
    }

    protected NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        Fill(command, parameters);
        return command;
    }

    protected ValueTask<NpgsqlConnection> Connect(CancellationToken cancellation) => _source.OpenConnectionAsync(cancellation);

    private static FuryErrorCode Code(string state) => state[..2] switch
    {
        "28" => FuryErrorCode.Unauthenticated,
        "42" when state == "42501" => FuryErrorCode.PermissionDenied,
        "3D" or "42" => FuryErrorCode.NotFound,
        "40" => FuryErrorCode.Aborted,
        "53" => FuryErrorCode.QuotaExceeded,
        "57" or "08" => FuryErrorCode.Unavailable,
        _ => FuryErrorCode.Unknown,
    };

    private void Fill(NpgsqlCommand command, object?[] parameters)
    {
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Resource });
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        }
    }
}
