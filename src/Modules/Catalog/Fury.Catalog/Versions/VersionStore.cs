using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Versions;

internal sealed class VersionStore(IDatabase database)
{
    /// <summary>Whatever unique index notices it: of two inserts at once the loser may meet the winner in that of precedence first.</summary>
    private const string InsertSql = """
        insert into catalog.version (application, name, precedence, artifact, environment, forward_only, created_at)
        values (@application, @name, @precedence, @artifact::jsonb, @environment::jsonb, @forwardOnly, @createdAt)
        on conflict do nothing
        returning application, name, artifact, environment, forward_only, created_at
        """;

    private const string FindSql = """
        select application, name, artifact, environment, forward_only, created_at
          from catalog.version
         where application = @application and name = @name
        """;

    private const string ListSql = """
        select application, name, artifact, environment, forward_only, created_at
          from catalog.version
         where application = @application and (@after::text is null or precedence < @after)
         order by precedence desc
         limit @rows
        """;

    private const string ApplicationExistsSql = """
        select exists (select from catalog.application where name = @application)
        """;

    /// <summary>Keeps the first content for a name. Of many inserts one creates; the others get what it created, whatever their content.</summary>
    public async Task<Put<ApplicationVersion>> Insert(ApplicationVersion version, CancellationToken cancellation)
    {
        var parameters = new
        {
            application = version.Application.Value,
            name = version.Version.Value,
            precedence = Precedence.Of(version.Version),
            artifact = JsonSerializer.Serialize(version.Artifact, FuryJson.Options),
            environment = JsonSerializer.Serialize(version.Environment, FuryJson.Options),
            forwardOnly = version.ForwardOnly,
            createdAt = version.CreatedAt.UtcDateTime,
        };
        await using var connection = await database.Open(cancellation);
        var inserted = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(InsertSql, parameters, cancellationToken: cancellation));

        // The insert has waited for whoever was first, so a second statement sees what it wrote.
        return inserted is not null
            ? new(inserted.ToVersion(), true)
            : new((await connection.QuerySingleAsync<Row>(new CommandDefinition(FindSql, parameters, cancellationToken: cancellation))).ToVersion(), false);
    }

    /// <summary><see cref="FaultKind.NotFound"/> names the application when that is what is missing.</summary>
    public async Task<Outcome<ApplicationVersion>> Find(ApplicationName application, VersionName version, CancellationToken cancellation)
    {
        var parameters = new { application = application.Value, name = version.Value };
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, parameters, cancellationToken: cancellation));
        if (row is not null)
        {
            return row.ToVersion();
        }

        var known = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(ApplicationExistsSql, parameters, cancellationToken: cancellation));
        return known
            ? new Fault(FaultKind.NotFound, $"There is no version '{version}' of application '{application}'.")
            : Fault.NotFound("application", application);
    }

    /// <summary>Highest precedence first; <see cref="FaultKind.NotFound"/> without the application.</summary>
    public async Task<Outcome<Page<ApplicationVersion>>> List(
        ApplicationName application, VersionName? after, int limit, CancellationToken cancellation)
    {
        var parameters = new { application = application.Value, after = after is { } last ? Precedence.Of(last) : null, rows = limit + 1 };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        ApplicationVersion[] versions = [.. rows.Select(row => row.ToVersion())];
        if (versions.Length == 0 && !await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(ApplicationExistsSql, parameters, cancellationToken: cancellation)))
        {
            return Fault.NotFound("application", application);
        }

        return Page<ApplicationVersion>.Of(versions, limit, version => version.Version.Value);
    }

    private sealed record Row(string Application, string Name, string Artifact, string Environment, bool ForwardOnly, DateTime CreatedAt)
    {
        public ApplicationVersion ToVersion() => new(
            ApplicationName.Parse(Application),
            VersionName.Parse(Name),
            JsonSerializer.Deserialize<Artifact>(Artifact, FuryJson.Options)!,
            JsonSerializer.Deserialize<SortedDictionary<string, string>>(Environment, FuryJson.Options)!,
            CreatedAt)
        {
            ForwardOnly = ForwardOnly,
        };
    }
}
