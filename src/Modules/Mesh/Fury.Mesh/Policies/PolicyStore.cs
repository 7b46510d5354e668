using System.Text.Json;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;

namespace Fury.Mesh.Policies;

internal sealed class PolicyStore(IDatabase database, IWake wake)
{
    private const string FindSql = "select body::text from mesh.policy where scope = @scope";

    /// <summary>The scope's policy; the default when none was ever set.</summary>
    public async Task<TrafficPolicy> Find(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var body = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(FindSql, new { scope }, cancellationToken: cancellation));
        return body is null ? TrafficPolicy.Default : JsonSerializer.Deserialize<TrafficPolicy>(body, FuryJson.Options)!;
    }

    // The same policy again takes no revision, so that repeating it reaches no proxy.
    private const string KeepSql = """
        with news as (
            select 1 where not exists (select from mesh.policy where scope = @scope and body = @body::jsonb)
        ), next as (
            update mesh.revision set value = value + 1 where exists (select from news) returning value
        )
        insert into mesh.policy (scope, revision, body)
        select @scope, next.value, @body::jsonb from next
            on conflict (scope) do update set revision = excluded.revision, body = excluded.body
        """;

    // Likewise.
    private const string HoldSql = """
        with news as (
            select 1 where @holds <> coalesce((select holds from mesh.policy where scope = @scope), false)
        ), next as (
            update mesh.revision set value = value + 1 where exists (select from news) returning value
        )
        insert into mesh.policy (scope, revision, body, holds)
        select @scope, next.value, '{}'::jsonb, @holds from next
            on conflict (scope) do update set revision = excluded.revision, holds = excluded.holds
        """;

    private const string RevisionSql = "select coalesce((select revision from mesh.policy where scope = @scope), 0)";

    /// <summary>Says whether proxies hold the scope's requests. Returns the revision from which on it is so.</summary>
    public async Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        if (await connection.ExecuteAsync(new CommandDefinition(HoldSql, new { scope, holds }, cancellationToken: cancellation)) > 0)
        {
            wake.Reconciler(FeedReconciler.WakeName);
        }

        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(RevisionSql, new { scope }, cancellationToken: cancellation));
    }

    /// <summary>Replaces the scope's policy, whole.</summary>
    public async Task Keep(ScopeRef scope, TrafficPolicy policy, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var body = JsonSerializer.Serialize(policy, FuryJson.Options);
        if (await connection.ExecuteAsync(new CommandDefinition(KeepSql, new { scope, body }, cancellationToken: cancellation)) > 0)
        {
            wake.Reconciler(FeedReconciler.WakeName);
        }
    }
}
