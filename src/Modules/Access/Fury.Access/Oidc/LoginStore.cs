using Dapper;
using Fury.Access.Tokens;
using Fury.Hosting;

namespace Fury.Access.Oidc;

/// <summary>A login under way.</summary>
/// <param name="Verifier">Of PKCE (RFC 7636).</param>
/// <param name="ReturnTo">A path of this host.</param>
internal sealed record Login(string Verifier, string Nonce, string ReturnTo);

/// <summary>Logins under way, on whichever host they began.</summary>
internal sealed class LoginStore(IDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const string ClearSql = "delete from access.login where created_at < @old";
    private const string AddSql = """
        insert into access.login (state, verifier, nonce, return_to, created_at, from_where)
        select @state, @verifier, @nonce, @returnTo, @now, @from
         where (select count(*) from access.login) < @max and (select count(*) from access.login where from_where = @from) < @maxOfOne
        """;

    private const string TakeSql = "delete from access.login where state = @state returning verifier, nonce, return_to, created_at";

    /// <summary>Anybody can begin a login, so there is an end to them.</summary>
    private const int LoginsMax = 10_000;

    /// <summary>Of one address, behind which many may sit; so that none of them takes the places of all.</summary>
    public const int LoginsOfOneMax = 500;

    /// <param name="from">The address of who begins it.</param>
    /// <returns>False: too many are under way.</returns>
    public async Task<bool> Begin(string state, Login login, string from, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var parameters = new
        {
            state = Secret.Hash(state),
            verifier = login.Verifier,
            nonce = login.Nonce,
            returnTo = login.ReturnTo,
            now = now.UtcDateTime,
            old = (now - Life).UtcDateTime,
            max = LoginsMax,
            from,
            maxOfOne = LoginsOfOneMax,
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ClearSql, parameters, cancellationToken: cancellation));
        return await connection.ExecuteAsync(new CommandDefinition(AddSql, parameters, cancellationToken: cancellation)) == 1;
    }

    /// <summary>Ends it: it is taken once. Null when it is unknown or too old.</summary>
    public async Task<Login?> Take(string state, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(TakeSql, new { state = Secret.Hash(state) }, cancellationToken: cancellation));
        return row is null || clock.GetUtcNow() - new DateTimeOffset(row.CreatedAt) > Life ? null : new(row.Verifier, row.Nonce, row.ReturnTo);
    }

    private sealed record Row(string Verifier, string Nonce, string ReturnTo, DateTime CreatedAt);
}
