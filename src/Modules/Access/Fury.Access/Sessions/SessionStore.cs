using Dapper;
using Fury.Access.Contracts;
using Fury.Access.Tokens;
using Fury.Hosting;

namespace Fury.Access.Sessions;

/// <summary>A person that has logged in, until it logs out or the session ends.</summary>
internal sealed record Session(Guid Id, string Name, IReadOnlyList<string> Groups, DateTimeOffset ExpiresAt);

/// <summary>Where sessions are kept, by the hash of what the browser or the command line holds.</summary>
internal sealed class SessionStore(IDatabase database, TimeProvider clock)
{
    public const string Prefix = "furys_";

    /// <summary>Groups are as of its beginning, so it is short.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>Of one person at a time: browsers and command lines on all machines that anybody has.</summary>
    public const int SessionsOfOneMax = 50;

    private const string AddSql = """
        insert into access.session (hash, id, name, groups, created_at, expires_at) values (@hash, @id, @name, @groups, @now, @expires)
        """;

    // What has ended is cleared by who begins, a bounded number at a time.
    private const string ClearSql = """
        delete from access.session where hash in (select hash from access.session where expires_at < @now order by expires_at limit 100)
        """;

    // The oldest of a person's go when it begins more than anybody needs.
    private const string MakeRoomSql = """
        delete from access.session
         where name = @name and hash in (select hash from access.session where name = @name order by expires_at desc offset @others)
        """;

    private const string FindSql = "select id, name, groups, expires_at from access.session where hash = @hash and expires_at > @now";
    private const string EndSql = "delete from access.session where hash = @hash";

    /// <summary>With the oldest ended when the person has <see cref="SessionsOfOneMax"/> of them.</summary>
    /// <returns>The session and its secret, which is not kept.</returns>
    public async Task<(Session Session, string Secret)> Begin(Caller person, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var (session, secret) = (new Session(Guid.CreateVersion7(now), person.Name, person.Groups, now + Life), Prefix + Secret.New());
        var parameters = new
        {
            hash = Secret.Hash(secret),
            id = session.Id,
            name = session.Name,
            groups = session.Groups.ToArray(),
            now = now.UtcDateTime,
            expires = session.ExpiresAt.UtcDateTime,
            others = SessionsOfOneMax - 1,
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ClearSql, parameters, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(MakeRoomSql, parameters, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(AddSql, parameters, cancellationToken: cancellation));
        return (session, secret);
    }

    public async Task<Session?> Find(string secret, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { hash = Secret.Hash(secret), now = clock.GetUtcNow().UtcDateTime };
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, parameters, cancellationToken: cancellation));
        return row is null ? null : new(row.Id, row.Name, [.. row.Groups.Cast<string>()], row.ExpiresAt);
    }

    public async Task End(string secret, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(EndSql, new { hash = Secret.Hash(secret) }, cancellationToken: cancellation));
    }

    private sealed record Row(Guid Id, string Name, Array Groups, DateTime ExpiresAt);
}
