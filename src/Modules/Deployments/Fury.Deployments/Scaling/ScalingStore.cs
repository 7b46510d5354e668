using Dapper;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Scaling;

/// <summary>A scope whose size follows something, or did so.</summary>
/// <param name="IsNoted">It is on record that something was done to its size.</param>
/// <param name="HeldFrom">The version of the routes from which on proxies hold its requests; null while they do not.</param>
/// <param name="AsleepSince">Null while it does not sleep.</param>
internal sealed record ScaledScope(
    ScopeRef Scope, IReadOnlyList<PoolPlan> Current, DeploymentId? InProgress, bool IsNoted, long? HeldFrom, DateTimeOffset? AsleepSince);

internal sealed class ScalingStore(IDatabase database)
{
    private const string Columns = "s.current, s.in_progress, k.scope is not null as is_noted, k.held_from, k.asleep_since";

    // What was scaled and is named no more is found by the same read: it is to become as it was.
    private const string ListSql = $"""
        with named as (
            select n.application, n.scope from unnest(@applications::text[], @scopes::text[]) as n (application, scope)
        ), wanted as (
            select application, scope from named
            union
            select application, scope
              from deployments.scaling
             where (@afterApplication::text is null or (application, scope) > (@afterApplication, @afterScope))
               and (@toApplication::text is null or (application, scope) <= (@toApplication, @toScope))
        )
        select w.application, w.scope, {Columns}
          from wanted as w
          left join deployments.scope as s on s.application = w.application and s.scope = w.scope
          left join deployments.scaling as k on k.application = w.application and k.scope = w.scope
         order by w.application collate "C", w.scope collate "C"
         limit @limit
        """;

    private const string FindSql = $"""
        select s.application, s.scope, {Columns}
          from deployments.scope as s
          left join deployments.scaling as k on k.application = s.application and k.scope = s.scope
         where s.application = @application and s.scope = @scope
        """;

    private const string NoteSql = "insert into deployments.scaling (application, scope) values (@application, @scope) on conflict do nothing";

    private const string HeldSql = "update deployments.scaling set held_from = @heldFrom where application = @application and scope = @scope";

    private const string SleepSql = """
        update deployments.scaling as k
           set asleep_since = @now, fence = @fence
          from deployments.scope as s
         where k.application = @application and k.scope = @scope and k.fence <= @fence
           and s.application = k.application and s.scope = k.scope
           and s.in_progress is null and (s.current -> 0 ->> 'id')::uuid = @pool
        """;

    private const string WakeSql = """
        update deployments.scaling
           set asleep_since = null
         where application = @application and scope = @scope and asleep_since is not null
        """;

    private const string ForgetSql = """
        delete from deployments.scaling where application = @application and scope = @scope and held_from is null and asleep_since is null
        """;

    /// <summary>
    /// Those that are named, and those on record between <paramref name="after"/> and <paramref name="to"/> (null for no end), in the order of names.
    /// </summary>
    public async Task<IReadOnlyList<ScaledScope>> List(
        IReadOnlyList<ScopeRef> named, ScopeRef? after, ScopeRef? to, int limit, CancellationToken cancellation)
    {
        var parameters = new
        {
            applications = named.Select(scope => scope.Application.Value).ToArray(),
            scopes = named.Select(scope => scope.Scope.Value).ToArray(),
            afterApplication = after?.Application.Value,
            afterScope = after?.Scope.Value,
            toApplication = to?.Application.Value,
            toScope = to?.Scope.Value,
            limit,
        };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToScope())];
    }

    /// <summary>Null when nothing was ever deployed to the scope.</summary>
    public async Task<ScaledScope?> Find(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(FindSql, new { application = scope.Application.Value, scope = scope.Scope.Value }, cancellationToken: cancellation));
        return row?.ToScope();
    }

    /// <summary>Puts on record that something is done to its size, so that it can be undone.</summary>
    public Task Note(ScopeRef scope, CancellationToken cancellation) => Write(NoteSql, scope, cancellation);

    public Task Held(ScopeRef scope, long? from, CancellationToken cancellation) => Write(HeldSql, scope, cancellation, heldFrom: from);

    /// <summary>
    /// It sleeps from now on. False when that must not be: a deployment is in progress, the scope runs another pool, or another host has the lease.
    /// </summary>
    public Task<bool> Sleep(ScopeRef scope, PoolId pool, long fence, DateTimeOffset now, CancellationToken cancellation) =>
        Write(SleepSql, scope, cancellation, pool, fence: fence, now: now);

    /// <summary>It does not sleep from now on. False when it did not.</summary>
    public Task<bool> Wake(ScopeRef scope, CancellationToken cancellation) => Write(WakeSql, scope, cancellation);

    /// <summary>All is as it was before; nothing happens while it is not.</summary>
    public Task Forget(ScopeRef scope, CancellationToken cancellation) => Write(ForgetSql, scope, cancellation);

    private async Task<bool> Write(
        string sql,
        ScopeRef scope,
        CancellationToken cancellation,
        PoolId? pool = null,
        long? heldFrom = null,
        long? fence = null,
        DateTimeOffset? now = null)
    {
        var parameters = new
        {
            application = scope.Application.Value,
            scope = scope.Scope.Value,
            pool = pool?.Value,
            heldFrom,
            fence,
            now = now?.UtcDateTime,
        };
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation)) > 0;
    }

    private sealed record Row(
        string Application, string Scope, string? Current, Guid? InProgress, bool IsNoted, long? HeldFrom, DateTime? AsleepSince)
    {
        public ScaledScope ToScope() => new(
            ScopeRef.Parse($"{Application}/{Scope}"),
            Current is null ? [] : Json.Read<PoolPlan[]>(Current),
            InProgress is { } running ? new DeploymentId(running) : null,
            IsNoted,
            HeldFrom,
            AsleepSince is { } since ? new DateTimeOffset(since) : null);
    }
}
