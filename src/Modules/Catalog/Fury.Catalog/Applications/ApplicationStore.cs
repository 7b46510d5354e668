using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Applications;

internal sealed class ApplicationStore(IDatabase database)
{
    private const string InsertSql = """
        insert into catalog.application (name, team, criticality, revision, created_at)
        values (@name, @team, @criticality, 1, @createdAt)
        on conflict (name) do nothing
        returning name, team, criticality, revision, created_at
        """;

    private const string LockSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where name = @name
           for update
        """;

    private const string UpdateSql = """
        update catalog.application
           set team = @team, criticality = @criticality, revision = revision + 1
         where name = @name
        returning name, team, criticality, revision, created_at
        """;

    private const string FindSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where name = @name
        """;

    /// <summary>
    /// Creates it, or returns it as it is when it has this content, or replaces its content when <paramref name="match"/> names its present
    /// revision. Of many that create it at once one creates and the others find it.
    /// </summary>
    public Task<Outcome<Put<Application>>> Put(Application wanted, IfMatch match, CancellationToken cancellation) =>
        database.Transaction<Put<Application>>(async tx =>
        {
            var parameters = new
            {
                name = wanted.Name.Value,
                team = wanted.Team,
                criticality = Word.Of(wanted.Criticality),
                createdAt = wanted.CreatedAt.UtcDateTime,
            };
            Task<ApplicationRow?> One(string sql) =>
                tx.Connection.QuerySingleOrDefaultAsync<ApplicationRow>(new CommandDefinition(sql, parameters, tx.Inner, cancellationToken: cancellation));

            if (!match.Given && await One(InsertSql) is { } inserted)
            {
                return new Put<Application>(inserted.ToApplication(), true);
            }

            if (await One(LockSql) is not { } row)
            {
                return IfMatch.Missing("application", wanted.Name);
            }

            var present = row.ToApplication();
            if (wanted with { Revision = present.Revision, CreatedAt = present.CreatedAt } == present)
            {
                return new Put<Application>(present, false);
            }

            return match.Refusal("application", wanted.Name, present.Revision) is { } refusal
                ? refusal
                : new Put<Application>((await One(UpdateSql))!.ToApplication(), false);
        }, cancellation);

    public async Task<Outcome<Application>> Find(ApplicationName name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<ApplicationRow>(
            new CommandDefinition(FindSql, new { name = name.Value }, cancellationToken: cancellation));
        return row is null ? Fault.NotFound("application", name) : row.ToApplication();
    }
}
