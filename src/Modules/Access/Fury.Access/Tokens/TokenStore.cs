using Dapper;
using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Access.Tokens;

/// <summary>An API token, without its secret.</summary>
/// <param name="Role">What it was made with; grants may have given it more.</param>
/// <param name="Owner">Null: an administrator of the platform has made it, and its grants alone bound it.</param>
/// <param name="LastUsedAt">To the minute.</param>
internal sealed record ApiToken(
    Guid Id,
    string Name,
    string Role,
    string On,
    string? Owner,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt,
    string? LastUsedFrom);

/// <summary>Where API tokens are kept: their hashes, never themselves.</summary>
internal sealed class TokenStore(IDatabase database)
{
    private const string Columns = """
        id, name, role, level, owner, owner_groups, created_by, created_at, expires_at, revoked_at, last_used_at, last_used_from, hash, previous_hash,
        previous_until, owner_seen_at
        """;

    /// <summary>Each is a grant, of which there is an end for all; so no one makes more than anybody needs.</summary>
    public const int TokensOfOneMax = 100;

    private const string CountSql = "select count(*) from access.token where owner = @owner and revoked_at is null and expires_at > @now";

    private const string AddSql = """
        insert into access.token (id, name, hash, role, level, owner, owner_groups, owner_seen_at, created_by, created_at, expires_at)
        values (@id, @name, @hash, @role, @level, @owner, @groups, @now, @by, @now, @expires)
        on conflict (name) do nothing
        """;

    private const string FindSql = $"select {Columns} from access.token where id = @id";
    private const string LockSql = $"select {Columns} from access.token where name = @name for update";

    private const string ListSql = $"""
        select {Columns}
          from access.token
         where (@after::uuid is null or id < @after) and (@owner::text is null or owner = @owner)
         order by id desc
         limit @rows
        """;

    private const string RevokeSql = "update access.token set revoked_at = coalesce(revoked_at, @now) where name = @name";

    private const string RotateSql = """
        update access.token
           set previous_hash = case when @until::timestamptz is null then null else hash end, previous_until = @until, hash = @hash, expires_at = @expires
         where name = @name
        """;

    private const string UsedSql = """
        update access.token set last_used_at = @now, last_used_from = @from
         where id = @id and (last_used_at is null or last_used_at < @before)
        """;

    private const string GroupsSql = "update access.token set owner_groups = @groups, owner_seen_at = @now where owner = @owner";

    /// <summary>Keeps it and its grant. A name that was ever used is a conflict.</summary>
    public Task<Outcome<ApiToken>> Add(ApiToken token, byte[] hash, IReadOnlyList<string> groups, Grant grant, CancellationToken cancellation) =>
        database.Transaction<ApiToken>(async tx =>
        {
            var granted = await PolicyStore.Add(tx, grant, token.CreatedBy, token.CreatedAt, cancellation);
            if (!granted.IsOk)
            {
                return granted.Fault;
            }

            var parameters = new
            {
                id = token.Id,
                name = token.Name,
                hash,
                role = token.Role,
                level = token.On,
                owner = token.Owner,
                groups = groups.ToArray(),
                by = token.CreatedBy,
                now = token.CreatedAt.UtcDateTime,
                expires = token.ExpiresAt.UtcDateTime,
            };
            if (await tx.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountSql, parameters, tx.Inner, cancellationToken: cancellation))
                >= TokensOfOneMax)
            {
                return new Fault(
                    FaultKind.Exhausted, $"'{token.Owner}' has {TokensOfOneMax} tokens, and more are not made for one person. Revoke some first.");
            }

            return await tx.Connection.ExecuteAsync(new CommandDefinition(AddSql, parameters, tx.Inner, cancellationToken: cancellation)) == 1
                ? token
                : Fault.Conflict($"There is, or was, a token named '{token.Name}'. A name is used once.");
        }, cancellation);

    /// <summary>With all that proves it.</summary>
    public async Task<TokenRow?> Find(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<TokenRow>(new CommandDefinition(FindSql, new { id }, cancellationToken: cancellation));
    }

    /// <summary>Newest first.</summary>
    /// <param name="owner">Whose; null: everybody's.</param>
    public async Task<Page<ApiToken>> List(Guid? after, int limit, string? owner, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<TokenRow>(
            new CommandDefinition(ListSql, new { after, owner, rows = limit + 1 }, cancellationToken: cancellation));
        return Page<ApiToken>.Of([.. rows.Select(row => row.ToToken())], limit, token => token.Id.ToString());
    }

    /// <summary>It opens nothing from now on, and has no grant any more. Doing it twice changes nothing.</summary>
    public Task<Outcome<ApiToken>> Revoke(string name, Func<ApiToken, Fault?> refuses, DateTimeOffset now, CancellationToken cancellation) => Change(
        name, refuses, RevokeSql, new { name, now = now.UtcDateTime }, cancellation,
        tx => PolicyStore.RemoveOf(tx, new(SubjectKind.Token, name), cancellation));

    /// <summary>Gives it another secret; the old one opens until <paramref name="until"/>, null: no more.</summary>
    public Task<Outcome<ApiToken>> Rotate(
        string name, Func<ApiToken, Fault?> refuses, byte[] hash, DateTimeOffset? until, DateTimeOffset expires, CancellationToken cancellation) =>
        Change(name, refuses, RotateSql, new { name, hash, until = until?.UtcDateTime, expires = expires.UtcDateTime }, cancellation);

    /// <summary>Notes the use, at most once a minute.</summary>
    public async Task Used(Guid id, string? from, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { id, from, now = now.UtcDateTime, before = now.AddMinutes(-1).UtcDateTime };
        await connection.ExecuteAsync(new CommandDefinition(UsedSql, parameters, cancellationToken: cancellation));
    }

    /// <summary>What its owner's groups are now, as the provider has just said.</summary>
    public async Task OwnerIsIn(string owner, IReadOnlyList<string> groups, DateTimeOffset now, CancellationToken cancellation)
    {
        var parameters = new { owner, groups = groups.ToArray(), now = now.UtcDateTime };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(GroupsSql, parameters, cancellationToken: cancellation));
    }

    /// <param name="more">What else belongs to the change.</param>
    private Task<Outcome<ApiToken>> Change(
        string name, Func<ApiToken, Fault?> refuses, string sql, object parameters, CancellationToken cancellation, Func<ITransaction, Task>? more = null) =>
        database.Transaction<ApiToken>(async tx =>
        {
            Task<TokenRow?> One() =>
                tx.Connection.QuerySingleOrDefaultAsync<TokenRow>(new CommandDefinition(LockSql, new { name }, tx.Inner, cancellationToken: cancellation));

            if (await One() is not { } row)
            {
                return Fault.NotFound("token", name);
            }

            if (refuses(row.ToToken()) is { } fault)
            {
                return fault;
            }

            await tx.Connection.ExecuteAsync(new CommandDefinition(sql, parameters, tx.Inner, cancellationToken: cancellation));
            await (more?.Invoke(tx) ?? Task.CompletedTask);
            return (await One())!.ToToken();
        }, cancellation);
}

/// <summary>A token as its table has it.</summary>
internal sealed record TokenRow(
    Guid Id,
    string Name,
    string Role,
    string Level,
    string? Owner,
    Array OwnerGroups,
    string CreatedBy,
    DateTime CreatedAt,
    DateTime ExpiresAt,
    DateTime? RevokedAt,
    DateTime? LastUsedAt,
    string? LastUsedFrom,
    byte[] Hash,
    byte[]? PreviousHash,
    DateTime? PreviousUntil,
    DateTime OwnerSeenAt)
{
    /// <summary>For so long the groups of an owner count whom the provider has not named since; then the token has what its owner is granted by name.</summary>
    public static readonly TimeSpan OwnerKnownFor = TimeSpan.FromDays(30);

    public ApiToken ToToken() => new(Id, Name, Role, Level, Owner, CreatedBy, CreatedAt, ExpiresAt, RevokedAt, LastUsedAt, LastUsedFrom);

    public Caller ToCaller(DateTimeOffset now) => new(Name, CallerKind.Token)
    {
        Owner = Owner is null ? null : new(Owner, CallerKind.User)
        {
            Groups = now - new DateTimeOffset(OwnerSeenAt) > OwnerKnownFor ? [] : [.. OwnerGroups.Cast<string>()],
        },
        Credential = Id.ToString(),
    };
}
