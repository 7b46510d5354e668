using Dapper;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Npgsql;

namespace Fury.Access.Deciding;

/// <summary>Where roles and grants are kept. What changes them raises the version in the same transaction.</summary>
internal sealed class PolicyStore(IDatabase database)
{
    private const string VersionSql = "select version from access.change";
    private const string RolesSql = "select name, permissions from access.role order by name";
    private const string Columns = "id, role, subject_kind, subject, level_kind, level";
    private const string GrantsSql = $"select {Columns} from access.grant_of_role";
    private const string RaiseSql = "update access.change set version = version + 1";

    private const string PageSql = $"""
        select {Columns}
          from access.grant_of_role
         where (@after::uuid is null or id > @after)
           and (@kind::text is null or (subject_kind = @kind and subject = @subject))
         order by id
         limit @rows
        """;

    private const string PutRoleSql = """
        insert into access.role (name, permissions, created_at) values (@name, @permissions, @now)
        on conflict (name) do update set permissions = @permissions
        """;

    private const string RemoveRoleSql = "delete from access.role where name = @name";
    private const string RoleInUseSql = "select count(*) from access.grant_of_role where role = @name";
    private const string CountSql = "select count(*) from access.grant_of_role";

    private const string AddSql = """
        insert into access.grant_of_role (id, role, subject_kind, subject, level_kind, level, created_by, created_at)
        values (@id, @role, @kind, @subject, @levelKind, @level, @by, @now)
        on conflict (subject_kind, subject, role, level_kind, level) do nothing
        """;

    private const string SameSql = $"""
        select {Columns}
          from access.grant_of_role
         where subject_kind = @kind and subject = @subject and role = @role and level_kind = @levelKind and level = @level
        """;

    private const string RemoveOfSql = "delete from access.grant_of_role where subject_kind = @kind and subject = @subject";
    private const string RemoveSql = $"delete from access.grant_of_role where id = @id returning {Columns}";

    /// <summary>All of them are remembered by every host, so there is an end to them.</summary>
    private const int GrantsMax = 100_000;

    public async Task<long> Version(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(VersionSql, cancellationToken: cancellation));
    }

    public async Task<Policy> Read(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return new(await Roles(connection, cancellation),
            (await connection.QueryAsync<Row>(new CommandDefinition(GrantsSql, cancellationToken: cancellation))).Select(row => row.ToGrant()));
    }

    /// <summary>The built-in ones first.</summary>
    public async Task<IReadOnlyList<Role>> Roles(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await Roles(connection, cancellation);
    }

    /// <summary>Makes it, or gives it these permissions.</summary>
    public Task<Outcome<Role>> PutRole(Role role, DateTimeOffset now, CancellationToken cancellation) => database.Transaction<Role>(async tx =>
    {
        var parameters = new { name = role.Name, permissions = role.Permissions.Select(one => Word.Of(one)).ToArray(), now = now.UtcDateTime };
        await tx.Connection.ExecuteAsync(new CommandDefinition(PutRoleSql, parameters, tx.Inner, cancellationToken: cancellation));
        await Raise(tx, cancellation);
        return role;
    }, cancellation);

    /// <summary>A role that a grant names is a conflict.</summary>
    public Task<Outcome<bool>> RemoveRole(string name, CancellationToken cancellation) => database.Transaction<bool>(async tx =>
    {
        await Raise(tx, cancellation);
        var uses = await tx.Connection.ExecuteScalarAsync<long>(new CommandDefinition(RoleInUseSql, new { name }, tx.Inner, cancellationToken: cancellation));
        if (uses > 0)
        {
            return Fault.Conflict($"The role '{name}' is in use by {uses} grants. Remove these first.");
        }

        return await tx.Connection.ExecuteAsync(new CommandDefinition(RemoveRoleSql, new { name }, tx.Inner, cancellationToken: cancellation)) == 1
            ? true
            : Fault.NotFound("role", name);
    }, cancellation);

    /// <summary>In the order of their making.</summary>
    public async Task<Page<Grant>> List(Guid? after, int limit, Subject? subject, CancellationToken cancellation)
    {
        var parameters = new { after, rows = limit + 1, kind = subject is null ? null : Word.Of(subject.Kind), subject = subject?.Name };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(PageSql, parameters, cancellationToken: cancellation));
        return Page<Grant>.Of([.. rows.Select(row => row.ToGrant())], limit, grant => grant.Id.ToString());
    }

    /// <summary>Adds it; the same grant again is the one that is there. A role that does not exist is not found.</summary>
    public Task<Outcome<(Grant Grant, bool Created)>> Add(Grant grant, string by, DateTimeOffset now, CancellationToken cancellation) =>
        database.Transaction(tx => Add(tx, grant, by, now, cancellation), cancellation);

    /// <summary>As the other, in a transaction that does more.</summary>
    public static async Task<Outcome<(Grant Grant, bool Created)>> Add(
        ITransaction tx, Grant grant, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        // First, so that of a role that goes and a grant of it that comes one waits for the other.
        await Raise(tx, cancellation);
        if ((await Roles(tx.Connection, cancellation)).All(role => role.Name != grant.Role))
        {
            return Fault.NotFound("role", grant.Role);
        }

        if (await tx.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountSql, null, tx.Inner, cancellationToken: cancellation)) >= GrantsMax)
        {
            return new Fault(FaultKind.Exhausted, $"There are {GrantsMax} grants, and no more are kept. Remove some, or grant to groups.");
        }

        var parameters = new
        {
            id = grant.Id,
            role = grant.Role,
            kind = Word.Of(grant.Subject.Kind),
            subject = grant.Subject.Name,
            levelKind = Word.Of(grant.Level.Kind),
            level = grant.Level.Value,
            by,
            now = now.UtcDateTime,
        };
        var added = await tx.Connection.ExecuteAsync(new CommandDefinition(AddSql, parameters, tx.Inner, cancellationToken: cancellation));
        var row = await tx.Connection.QuerySingleAsync<Row>(new CommandDefinition(SameSql, parameters, tx.Inner, cancellationToken: cancellation));
        return (row.ToGrant(), added == 1);
    }

    public Task<Outcome<Grant>> Remove(Guid id, CancellationToken cancellation) => database.Transaction<Grant>(async tx =>
    {
        await Raise(tx, cancellation);
        var row = await tx.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(RemoveSql, new { id }, tx.Inner, cancellationToken: cancellation));
        return row is null ? Fault.NotFound("grant", id) : row.ToGrant();
    }, cancellation);

    private static async Task<IReadOnlyList<Role>> Roles(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var rows = await connection.QueryAsync<RoleRow>(new CommandDefinition(RolesSql, cancellationToken: cancellation));
        return [.. Role.Standard, .. rows.Select(row => new Role(row.Name, [.. row.Permissions.Cast<string>().Select(Word.Read<Permission>)], false))];
    }

    /// <summary>Removes all grants of somebody, in a transaction that does more.</summary>
    public static async Task RemoveOf(ITransaction tx, Subject subject, CancellationToken cancellation)
    {
        await Raise(tx, cancellation);
        var parameters = new { kind = Word.Of(subject.Kind), subject = subject.Name };
        await tx.Connection.ExecuteAsync(new CommandDefinition(RemoveOfSql, parameters, tx.Inner, cancellationToken: cancellation));
    }

    private static Task<int> Raise(ITransaction tx, CancellationToken cancellation) =>
        tx.Connection.ExecuteAsync(new CommandDefinition(RaiseSql, null, tx.Inner, cancellationToken: cancellation));

    private sealed record RoleRow(string Name, Array Permissions);

    private sealed record Row(Guid Id, string Role, string SubjectKind, string Subject, string LevelKind, string Level)
    {
        public Grant ToGrant() => new(
            Id, Role, new(Word.Read<SubjectKind>(SubjectKind), Subject), new(Word.Read<LevelKind>(LevelKind), Level));
    }
}
