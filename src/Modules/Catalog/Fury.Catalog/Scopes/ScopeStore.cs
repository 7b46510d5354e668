using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Scopes;

internal sealed class ScopeStore(IDatabase database)
{
    private const string Columns =
        """
        application, name, compute, criticality, workload, cpu_millis, memory_mib, min_replicas, max_replicas, environment, health_path,
        scaling, revision, created_at
        """;

    private const string InsertSql = $"""
        insert into catalog.scope ({Columns})
        select application.name, @name, @compute, @criticality, @workload, @cpuMillis, @memoryMib, @minReplicas, @maxReplicas,
               @environment::jsonb, @healthPath, @scaling::jsonb, 1, @createdAt
          from catalog.application
         where application.name = @application
        on conflict (application, name) do nothing
        returning {Columns}
        """;

    private const string LockSql = $"""
        select {Columns}
          from catalog.scope
         where application = @application and name = @name
           for update
        """;

    private const string UpdateSql = $"""
        update catalog.scope
           set compute = @compute, criticality = @criticality, workload = @workload, cpu_millis = @cpuMillis, memory_mib = @memoryMib,
               min_replicas = @minReplicas, max_replicas = @maxReplicas, environment = @environment::jsonb, health_path = @healthPath,
               scaling = @scaling::jsonb, revision = revision + 1
         where application = @application and name = @name
        returning {Columns}
        """;

    private const string FindSql = $"""
        select {Columns}
          from catalog.scope
         where application = @application and name = @name
        """;

    private const string ListSql = $"""
        select {Columns}
          from catalog.scope
         where application = @application and (@after::text is null or name > @after)
         order by name
         limit @rows
        """;

    private const string ScaledSql = $"""
        select {Columns}
          from catalog.scope
         where scaling is not null and (@application::text is null or (application, name) > (@application, @name))
         order by application, name
         limit @limit
        """;

    private const string ApplicationExistsSql = """
        select exists (select from catalog.application where name = @application)
        """;

    /// <summary>
    /// Creates it, or returns it as it is when it has this content, or replaces its content when <paramref name="match"/> names its present
    /// revision. Of many that create it at once one creates and the others find it.
    /// </summary>
    public Task<Outcome<Put<Scope>>> Put(Scope wanted, IfMatch match, CancellationToken cancellation) =>
        database.Transaction<Put<Scope>>(async tx =>
        {
            var parameters = Parameters(wanted);
            CommandDefinition Command(string sql) => new(sql, parameters, tx.Inner, cancellationToken: cancellation);
            Task<Row?> One(string sql) => tx.Connection.QuerySingleOrDefaultAsync<Row>(Command(sql));

            if (!match.Given && await One(InsertSql) is { } inserted)
            {
                return new Put<Scope>(inserted.ToScope(), true);
            }

            if (await One(LockSql) is not { } row)
            {
                return await tx.Connection.ExecuteScalarAsync<bool>(Command(ApplicationExistsSql))
                    ? IfMatch.Missing("scope", wanted.Ref)
                    : Fault.NotFound("application", wanted.Ref.Application);
            }

            var present = row.ToScope();
            if (Same(wanted, present))
            {
                return new Put<Scope>(present, false);
            }

            return match.Refusal("scope", wanted.Ref, present.Revision) is { } refusal
                ? refusal
                : new Put<Scope>((await One(UpdateSql))!.ToScope(), false);
        }, cancellation);

    /// <summary><see cref="FaultKind.NotFound"/> names the application when that is what is missing.</summary>
    public async Task<Outcome<Scope>> Find(ScopeRef scope, CancellationToken cancellation)
    {
        var parameters = new { application = scope.Application.Value, name = scope.Scope.Value };
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, parameters, cancellationToken: cancellation));
        if (row is not null)
        {
            return row.ToScope();
        }

        var known = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(ApplicationExistsSql, parameters, cancellationToken: cancellation));
        return known ? Fault.NotFound("scope", scope) : Fault.NotFound("application", scope.Application);
    }

    /// <summary>In the order of names; <see cref="FaultKind.NotFound"/> without the application.</summary>
    public async Task<Outcome<Page<Scope>>> List(ApplicationName application, PageQuery page, CancellationToken cancellation)
    {
        var parameters = new { application = application.Value, after = page.After, rows = page.Limit + 1 };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        Scope[] scopes = [.. rows.Select(row => row.ToScope())];
        if (scopes.Length == 0 && !await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(ApplicationExistsSql, parameters, cancellationToken: cancellation)))
        {
            return Fault.NotFound("application", application);
        }

        return Page<Scope>.Of(scopes, page.Limit, scope => scope.Ref.Scope.Value);
    }

    /// <summary>Those whose size follows something, of all applications, in the order of names.</summary>
    public async Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation)
    {
        var parameters = new { application = after?.Application.Value, name = after?.Scope.Value, limit };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ScaledSql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToScope())];
    }

    private static bool Same(Scope wanted, Scope present) =>
        wanted with
        {
            Environment = present.Environment,
            Scaling = present.Scaling,
            Revision = present.Revision,
            CreatedAt = present.CreatedAt,
        } == present
        && wanted.Environment.SameAs(present.Environment)
        && Json(wanted.Scaling) == Json(present.Scaling);

    private static string? Json(ScalingPolicy? scaling) => scaling is null ? null : JsonSerializer.Serialize(scaling, FuryJson.Options);

    private static object Parameters(Scope scope) => new
    {
        application = scope.Ref.Application.Value,
        name = scope.Ref.Scope.Value,
        compute = Word.Of(scope.Compute),
        criticality = Word.Of(scope.Criticality),
        workload = Word.Of(scope.Workload),
        cpuMillis = scope.Size.CpuMillis,
        memoryMib = scope.Size.MemoryMiB,
        minReplicas = scope.MinReplicas,
        maxReplicas = scope.MaxReplicas,
        environment = JsonSerializer.Serialize(scope.Environment, FuryJson.Options),
        healthPath = scope.HealthPath,
        scaling = Json(scope.Scaling),
        createdAt = scope.CreatedAt.UtcDateTime,
    };

    private sealed record Row(
        string Application,
        string Name,
        string Compute,
        string Criticality,
        string Workload,
        int CpuMillis,
        int MemoryMib,
        int MinReplicas,
        int MaxReplicas,
        string Environment,
        string HealthPath,
        string? Scaling,
        long Revision,
        DateTime CreatedAt)
    {
        public Scope ToScope() => new(
            new(ApplicationName.Parse(Application), ScopeName.Parse(Name)),
            Word.Read<ComputeKind>(Compute),
            Word.Read<Criticality>(Criticality),
            Word.Read<WorkloadType>(Workload),
            new(CpuMillis, MemoryMib),
            MinReplicas,
            MaxReplicas,
            JsonSerializer.Deserialize<SortedDictionary<string, string>>(Environment, FuryJson.Options)!,
            HealthPath,
            Revision,
            CreatedAt)
        {
            Scaling = Scaling is null ? null : JsonSerializer.Deserialize<ScalingPolicy>(Scaling, FuryJson.Options),
        };
    }
}
