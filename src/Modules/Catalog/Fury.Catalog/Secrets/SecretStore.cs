using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Secrets;

/// <summary>The secrets of scopes. Every change is one transaction under the scope's row.</summary>
internal sealed class SecretStore(IDatabase database, SecretSeal seal)
{
    /// <summary>In one scope.</summary>
    public const int OfScopeMax = 100;

    private const string LockSql = "select secrets_removed from catalog.scope where application = @application and name = @scope for update";

    private const string KnownSql = "select exists (select from catalog.scope where application = @application and name = @scope)";

    private const string VersionSql = "select version from catalog.secret where application = @application and scope = @scope and name = @name";

    private const string CountSql = "select count(*) from catalog.secret where application = @application and scope = @scope";

    private const string PutSql = """
        insert into catalog.secret (application, scope, name, version, sealed, changed_at, changed_by)
        values (@application, @scope, @name, @version, @done, @at, @by)
        on conflict (application, scope, name) do update
           set version = excluded.version, sealed = excluded.sealed, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """;

    private const string RemoveSql = """
        with gone as (
            delete from catalog.secret where application = @application and scope = @scope and name = @name
            returning version)
        update catalog.scope set secrets_removed = greatest(secrets_removed, gone.version)
          from gone
         where scope.application = @application and scope.name = @scope
        """;

    private const string FindSql = """
        select name, version, changed_at, changed_by from catalog.secret where application = @application and scope = @scope and name = @name
        """;

    private const string ListSql = """
        select name, version, changed_at, changed_by
          from catalog.secret
         where application = @application and scope = @scope and (@after::text is null or name > @after)
         order by name
         limit @rows
        """;

    private const string OpenSql = """
        select name, version, sealed, changed_at from catalog.secret where application = @application and scope = @scope and name = @name
        """;

    /// <summary>
    /// Gives it this value as a further version, also when the value is the same: it tells nobody what was there. <see cref="FaultKind.NotFound"/> without the
    /// scope, <see cref="FaultKind.Exhausted"/> when the scope has <see cref="OfScopeMax"/> others.
    /// </summary>
    public Task<Outcome<Put<ScopeSecret>>> Put(SecretWish wish, DateTimeOffset now, CancellationToken cancellation) =>
        database.Transaction<Put<ScopeSecret>>(async tx =>
        {
            var (secret, value, by) = wish;
            CommandDefinition Command(string sql, object parameters) => new(sql, parameters, tx.Inner, cancellationToken: cancellation);
            if (await tx.Connection.QuerySingleOrDefaultAsync<long?>(Command(LockSql, Of(secret))) is not { } removed)
            {
                return Fault.NotFound("scope", secret.Scope);
            }

            var present = await tx.Connection.QuerySingleOrDefaultAsync<long?>(Command(VersionSql, Of(secret)));
            if (present is null && await tx.Connection.ExecuteScalarAsync<long>(Command(CountSql, Of(secret))) >= OfScopeMax)
            {
                return new Fault(FaultKind.Exhausted, $"Scope {secret.Scope} has {OfScopeMax} secrets; remove some that are not needed.");
            }

            var next = new ScopeSecret(secret.Name, (present ?? removed) + 1, now, by);
            var row = Of(secret);
            row.AddDynamicParams(new { version = next.Version, done = seal.Seal(secret, next.Version, value), at = now.UtcDateTime, by });
            await tx.Connection.ExecuteAsync(Command(PutSql, row));
            return new Put<ScopeSecret>(next, present is null);
        }, cancellation);

    /// <summary>Forgets it with its value; one that is not there is a success. <see cref="FaultKind.NotFound"/> without the scope.</summary>
    public Task<Outcome<SecretName>> Remove(SecretRef secret, CancellationToken cancellation) =>
        database.Transaction<SecretName>(async tx =>
        {
            CommandDefinition Command(string sql) => new(sql, Of(secret), tx.Inner, cancellationToken: cancellation);
            if (await tx.Connection.QuerySingleOrDefaultAsync<long?>(Command(LockSql)) is null)
            {
                return Fault.NotFound("scope", secret.Scope);
            }

            await tx.Connection.ExecuteAsync(Command(RemoveSql));
            return secret.Name;
        }, cancellation);

    /// <summary>Null when there is none.</summary>
    public async Task<ScopeSecret?> Find(SecretRef secret, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, Of(secret), cancellationToken: cancellation)))?.ToSecret();
    }

    /// <summary>In the order of names; <see cref="FaultKind.NotFound"/> without the scope.</summary>
    public async Task<Outcome<Page<ScopeSecret>>> List(ScopeRef scope, PageQuery page, CancellationToken cancellation)
    {
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value, after = page.After, rows = page.Limit + 1 };
        await using var connection = await database.Open(cancellation);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation))).ToList();
        return rows.Count == 0 && !await connection.ExecuteScalarAsync<bool>(new CommandDefinition(KnownSql, parameters, cancellationToken: cancellation))
            ? Fault.NotFound("scope", scope)
            : Page<ScopeSecret>.Of([.. rows.Select(row => row.ToSecret())], page.Limit, secret => secret.Name.Value);
    }

    /// <summary>
    /// With its value. <see cref="FaultKind.NotFound"/> when there is none; <see cref="FaultKind.Conflict"/> when it was sealed with another key than this
    /// host's, or somebody has changed the row.
    /// </summary>
    public async Task<Outcome<RuntimeSecret>> Open(SecretRef secret, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<SealedRow>(new CommandDefinition(OpenSql, Of(secret), cancellationToken: cancellation));
        return row is null ? Fault.NotFound("secret", secret)
            : seal.TryOpen(secret, row.Version, row.Sealed, out var value) ? new RuntimeSecret(secret.Name, row.Version, value, row.ChangedAt)
            : Fault.Conflict(
                $"The secret '{secret}' was sealed with another key than this host's: give the host that key back (Fury:Standard:AgentKeyFile), or set the "
                + "secret again.");
    }

    private static DynamicParameters Of(SecretRef secret) => new(new
    {
        application = secret.Scope.Application.Value,
        scope = secret.Scope.Scope.Value,
        name = secret.Name.Value,
    });

    private sealed record Row(string Name, long Version, DateTime ChangedAt, string ChangedBy)
    {
        public ScopeSecret ToSecret() => new(SecretName.Parse(Name), Version, ChangedAt, ChangedBy);
    }

    private sealed record SealedRow(string Name, long Version, byte[] Sealed, DateTime ChangedAt);
}
