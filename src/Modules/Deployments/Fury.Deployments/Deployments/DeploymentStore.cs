using System.Text.Json;
using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Reads and the driver's writes; admissions are in <see cref="Admissions"/>.</summary>
internal sealed class DeploymentStore(IDatabase database, Admissions admissions, Appends appends) : IDeploymentStore
{
    private const string Columns = "id, fence, state";

    private const string FindSql = $"select {Columns} from deployments.deployment where id = @id";

    private const string ListSql = $"""
        select {Columns}
          from deployments.deployment
         where application = @application and scope = @scope and (@before::uuid is null or id < @before)
         order by id desc
         limit @limit
        """;

    private const string FindScopeSql = """
        select current, in_progress, waiting from deployments.scope where application = @application and scope = @scope
        """;

    private const string EventsSql = """
        select number, at, phase, message, data
          from deployments.event
         where deployment = @id and number > @after
         order by number
         limit @limit
        """;

    private const string LiveSql = """
        select id, shard, revision
          from deployments.deployment
         where ended_at is null and shard = any(@shards) and (@after::uuid is null or id > @after)
         order by id
         limit @limit
        """;

    private const string ClaimSql = $"""
        with mine as (
            select application, scope from deployments.deployment where id = @id and ended_at is null and driver_token <= @token),
        fence as (
            update deployments.scope as s set fence = s.fence + 1
              from mine
             where s.application = mine.application and s.scope = mine.scope
            returning s.fence)
        update deployments.deployment
           set fence = fence.fence, driver_token = @token
          from fence
         where id = @id and ended_at is null and driver_token <= @token
        returning id, deployment.fence, state
        """;

    private const string RollbackTargetSql = """
        select state
          from deployments.deployment as d
          join deployments.scope as s on s.application = d.application and s.scope = d.scope
         where d.application = @application and d.scope = @scope and d.phase = 'done'
           and (d.release = @wanted or (@wanted::text is null and d.release is distinct from s.current -> 0 ->> 'release'))
         order by d.ended_at desc, d.id desc
         limit 1
        """;

    public Task<Outcome<Admission>> Admit(Wish wish, CancellationToken cancellation) => admissions.Admit(wish, cancellation);

    public async Task<DeploymentRecord?> Claim(DeploymentId deployment, long token, CancellationToken cancellation) =>
        (await One<Row>(ClaimSql, new { id = deployment.Value, token }, cancellation))?.ToRecord();

    public Task<Outcome<DeploymentRecord>> Append(DeploymentRecord before, Move.Go move, CancellationToken cancellation) =>
        database.Transaction(transaction => appends.Append(transaction, before, move, cancellation), cancellation);

    public async Task<DeploymentRecord?> Find(DeploymentId deployment, CancellationToken cancellation) =>
        (await One<Row>(FindSql, new { id = deployment.Value }, cancellation))?.ToRecord();

    public async Task<ScopeRow?> FindScope(ScopeRef scope, CancellationToken cancellation)
    {
        var row = await One<ScopeState>(
            FindScopeSql, new { application = scope.Application.Value, scope = scope.Scope.Value }, cancellation);
        return row?.ToScope();
    }

    public async Task<IReadOnlyList<DeploymentRecord>> List(
        ScopeRef scope, DeploymentId? before, int limit, CancellationToken cancellation)
    {
        var rows = await All<Row>(
            ListSql,
            new { application = scope.Application.Value, scope = scope.Scope.Value, before = before?.Value, limit },
            cancellation);
        return [.. rows.Select(row => row.ToRecord())];
    }

    public async Task<IReadOnlyList<DeploymentEvent>> Events(
        DeploymentId deployment, long after, int limit, CancellationToken cancellation)
    {
        var rows = await All<EventRow>(EventsSql, new { id = deployment.Value, after, limit }, cancellation);
        return [.. rows.Select(row => row.ToEvent(deployment))];
    }

    public async Task<IReadOnlyList<(DeploymentId Id, int Shard, long Revision)>> Live(
        IReadOnlyList<int> shards, DeploymentId? after, int limit, CancellationToken cancellation)
    {
        var rows = await All<LiveRow>(LiveSql, new { shards = shards.ToArray(), after = after?.Value, limit }, cancellation);
        return [.. rows.Select(row => (new DeploymentId(row.Id), row.Shard, row.Revision))];
    }

    public async Task<ProvenRelease?> RollbackTarget(
        ScopeRef scope, ReleaseId? wanted, CancellationToken cancellation)
    {
        var state = await One<string>(
            RollbackTargetSql,
            new { application = scope.Application.Value, scope = scope.Scope.Value, wanted = wanted?.Value },
            cancellation);
        return state is null ? null : Json.Read<DeploymentRecord>(state) is var record ? new(record.To, record.Version, record.EndedAt!.Value) : null;
    }

    private async Task<T?> One<T>(string sql, object parameters, CancellationToken cancellation)
        where T : class
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private async Task<IEnumerable<T>> All<T>(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private sealed record LiveRow(Guid Id, int Shard, long Revision);

    private sealed record EventRow(long Number, DateTime At, string Phase, string Message, string Data)
    {
        public DeploymentEvent ToEvent(DeploymentId deployment) => new(
            deployment,
            Number,
            new DateTimeOffset(At),
            Json.Read<DeploymentPhase>($"\"{Phase}\""),
            Message,
            Json.Read<Dictionary<string, string>>(Data));
    }
}

/// <summary>A deployment as it is kept; the fence has a column of its own because a claim changes it alone.</summary>
internal sealed record Row(Guid Id, long Fence, string State)
{
    public DeploymentRecord ToRecord() => Json.Read<DeploymentRecord>(State) with { Fence = Fence };
}

internal sealed record ScopeState(string? Current, Guid? InProgress, Guid? Waiting)
{
    public ScopeRow ToScope() => new(
        Current is null ? [] : Json.Read<PoolPlan[]>(Current),
        InProgress is { } running ? new DeploymentId(running) : null,
        Waiting is { } next ? new DeploymentId(next) : null);
}

internal static class Json
{
    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, FuryJson.Options)!;

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, FuryJson.Options);
}
