using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Services;

internal sealed class ServiceStore(IDatabase database)
{
    private const string InsertSql = """
        insert into catalog.service (application, kind, name, created_at)
        select name, @kind, @service, @createdAt from catalog.application where name = @application
        on conflict (application, kind, name) do nothing
        returning application, kind, name, created_at
        """;

    private const string FindSql = """
        select application, kind, name, created_at from catalog.service where application = @application and kind = @kind and name = @service
        """;

    private const string ListSql = """
        select application, kind, name, created_at
          from catalog.service
         where application = @application and (@afterKind::text is null or (kind, name) > (@afterKind, @afterName))
         order by kind, name
         limit @rows
        """;

    private const string KnownSql = "select exists (select from catalog.application where name = @application)";

    /// <summary>Creates it, or finds it. <see cref="FaultKind.NotFound"/> without the application.</summary>
    public async Task<Outcome<Put<Service>>> Put(Service wanted, CancellationToken cancellation)
    {
        var parameters = Parameters(wanted.Application, wanted.Kind, wanted.Name, wanted.CreatedAt.UtcDateTime);
        await using var connection = await database.Open(cancellation);
        Task<Row?> One(string sql) => connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return await One(InsertSql) is { } made ? new Put<Service>(made.ToService(), true)
            : await One(FindSql) is { } present ? new Put<Service>(present.ToService(), false)
            : Fault.NotFound("application", wanted.Application);
    }

    /// <summary>By kind and name; <see cref="FaultKind.NotFound"/> without the application.</summary>
    /// <param name="after">The last one of the page before.</param>
    public async Task<Outcome<Page<Service>>> List(
        ApplicationName application, (ServiceKind Kind, ServiceName Name)? after, int limit, CancellationToken cancellation)
    {
        var parameters = new
        {
            application = application.Value,
            afterKind = after is { } last ? Word.Of(last.Kind) : null,
            afterName = after?.Name.Value,
            rows = limit + 1,
        };
        await using var connection = await database.Open(cancellation);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation))).ToList();
        return rows.Count == 0 && !await connection.ExecuteScalarAsync<bool>(new CommandDefinition(KnownSql, parameters, cancellationToken: cancellation))
            ? Fault.NotFound("application", application)
            : Page<Service>.Of([.. rows.Select(row => row.ToService())], limit, one => $"{Word.Of(one.Kind)}:{one.Name}");
    }

    private static object Parameters(ApplicationName application, ServiceKind kind, ServiceName service, DateTime createdAt) =>
        new { application = application.Value, kind = Word.Of(kind), service = service.Value, createdAt };

    private sealed record Row(string Application, string Kind, string Name, DateTime CreatedAt)
    {
        public Service ToService() => new(ApplicationName.Parse(Application), Word.Read<ServiceKind>(Kind), ServiceName.Parse(Name), CreatedAt);
    }
}
