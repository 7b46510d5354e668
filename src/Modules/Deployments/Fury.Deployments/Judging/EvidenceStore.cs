using System.Runtime.CompilerServices;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>A tick of a deployment, as it is written.</summary>
internal sealed record WrittenTick(DeploymentId Deployment, int Number, DateTimeOffset At, string Tick);

/// <summary>Where the judge was after a tick.</summary>
/// <param name="Totals">What the pools had met up to that tick.</param>
internal sealed record Snapshot(DeploymentId Deployment, ScopeRef Scope, int Number, DateTimeOffset At, string Totals, string State);

/// <summary>What was seen of deployments, and what the judge made of it.</summary>
internal sealed class EvidenceStore(IDatabase database)
{
    private const int TicksPerPage = 500;

    // Whoever comes second with a number has not seen what the first has: another host drives the deployment.
    private const string AppendSql = """
        insert into deployments.evidence (deployment, number, at, tick)
        select * from unnest(@deployments, @numbers, @ats, @ticks)
            on conflict do nothing
        returning deployment
        """;

    private const string SaveSql = """
        insert into deployments.judgement (deployment, scope, number, at, totals, state)
        select deployment, scope, number, at, totals::jsonb, state::jsonb
          from unnest(@deployments, @scopes, @numbers, @ats, @totals, @states) as new (deployment, scope, number, at, totals, state)
            on conflict (deployment) do update
           set number = excluded.number, at = excluded.at, totals = excluded.totals, state = excluded.state
         where deployments.judgement.number < excluded.number
        """;

    private const string SnapshotsSql = """
        select deployment, scope, number, at, totals::text as totals, state::text as state from deployments.judgement where deployment = any(@ids)
        """;

    private const string TicksSql = """
        select e.deployment, e.number, e.at, e.tick
          from unnest(@ids, @after) as wanted (deployment, number)
          join deployments.evidence as e on e.deployment = wanted.deployment and e.number > wanted.number
         order by e.deployment, e.number
        """;

    private const string PageSql = """
        select deployment, number, at, tick
          from deployments.evidence
         where deployment = @id and number > @after
         order by number
         limit @limit
        """;

    private const string TailSql = """
        select deployment, number, at, tick
          from deployments.evidence
         where deployment = @id and number > @after
         order by number desc
         limit @limit
        """;

    private const string LastSql = """
        select deployment, scope, number, at, totals::text as totals, state::text as state
          from deployments.judgement
         where scope = any(@scopes)
           and at = (select max(other.at) from deployments.judgement as other where other.scope = judgement.scope)
        """;

    private const string ForgetSql = """
        with old as (
            select deployment, number from deployments.evidence where at < @before limit @limit
        )
        delete from deployments.evidence as e using old where e.deployment = old.deployment and e.number = old.number
        """;

    /// <summary>Writes ticks at once. Returns the deployments whose tick of that number nobody had written before.</summary>
    public async Task<IReadOnlySet<DeploymentId>> Append(IReadOnlyList<WrittenTick> ticks, CancellationToken cancellation)
    {
        if (ticks.Count == 0)
        {
            return new HashSet<DeploymentId>();
        }

        var parameters = new
        {
            deployments = ticks.Select(tick => tick.Deployment.Value).ToArray(),
            numbers = ticks.Select(tick => tick.Number).ToArray(),
            ats = ticks.Select(tick => tick.At.UtcDateTime).ToArray(),
            ticks = ticks.Select(tick => tick.Tick).ToArray(),
        };
        await using var connection = await database.Open(cancellation);
        var written = await connection.QueryAsync<Guid>(new CommandDefinition(AppendSql, parameters, cancellationToken: cancellation));
        return written.Select(id => new DeploymentId(id)).ToHashSet();
    }

    /// <summary>Keeps snapshots, but none that is older than the one that is kept.</summary>
    public async Task Save(IReadOnlyList<Snapshot> snapshots, CancellationToken cancellation)
    {
        if (snapshots.Count == 0)
        {
            return;
        }

        var parameters = new
        {
            deployments = snapshots.Select(one => one.Deployment.Value).ToArray(),
            scopes = snapshots.Select(one => one.Scope.ToString()).ToArray(),
            numbers = snapshots.Select(one => one.Number).ToArray(),
            ats = snapshots.Select(one => one.At.UtcDateTime).ToArray(),
            totals = snapshots.Select(one => one.Totals).ToArray(),
            states = snapshots.Select(one => one.State).ToArray(),
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(SaveSql, parameters, cancellationToken: cancellation));
    }

    public Task<IReadOnlyList<Snapshot>> Snapshots(IReadOnlyList<DeploymentId> deployments, CancellationToken cancellation) =>
        ReadSnapshots(SnapshotsSql, new { ids = deployments.Select(id => id.Value).ToArray() }, cancellation);

    /// <summary>The newest snapshot of each scope, of whatever deployment.</summary>
    public Task<IReadOnlyList<Snapshot>> Last(IReadOnlyList<ScopeRef> scopes, CancellationToken cancellation) =>
        ReadSnapshots(LastSql, new { scopes = scopes.Select(scope => scope.ToString()).ToArray() }, cancellation);

    /// <summary>The ticks of each deployment after a number, in order.</summary>
    public async Task<ILookup<DeploymentId, WrittenTick>> Ticks(
        IReadOnlyList<(DeploymentId Deployment, int After)> wanted, CancellationToken cancellation)
    {
        var parameters = new { ids = wanted.Select(one => one.Deployment.Value).ToArray(), after = wanted.Select(one => one.After).ToArray() };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<TickRow>(new CommandDefinition(TicksSql, parameters, cancellationToken: cancellation));
        return rows.Select(row => new WrittenTick(new(row.Deployment), row.Number, new(row.At), row.Tick)).ToLookup(tick => tick.Deployment);
    }

    /// <summary>The last ticks of a deployment after a number, in order; of many so many.</summary>
    public async Task<IReadOnlyList<WrittenTick>> Last(DeploymentId deployment, int after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<TickRow>(
            new CommandDefinition(TailSql, new { id = deployment.Value, after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => new WrittenTick(deployment, row.Number, new(row.At), row.Tick)).Reverse()];
    }

    /// <summary>The ticks of a deployment after a number, in order, read a page at a time: no more than one page is held.</summary>
    public async IAsyncEnumerable<WrittenTick> Stream(DeploymentId deployment, int after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<TickRow> page;
        do
        {
            await using (var connection = await database.Open(cancellation))
            {
                var parameters = new { id = deployment.Value, after, limit = TicksPerPage };
                page = (await connection.QueryAsync<TickRow>(new CommandDefinition(PageSql, parameters, cancellationToken: cancellation))).AsList();
            }

            foreach (var row in page)
            {
                yield return new(deployment, row.Number, new(row.At), row.Tick);
                after = row.Number;
            }
        }
        while (page.Count == TicksPerPage);
    }

    /// <summary>Deletes so many of the ticks from before a time. Returns how many there were.</summary>
    public async Task<int> Forget(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { before = before.UtcDateTime, limit }, cancellationToken: cancellation));
    }

    private async Task<IReadOnlyList<Snapshot>> ReadSnapshots(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<SnapshotRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => new Snapshot(new(row.Deployment), ScopeRef.Parse(row.Scope), row.Number, new(row.At), row.Totals, row.State))];
    }

    private sealed record TickRow(Guid Deployment, int Number, DateTime At, string Tick);

    private sealed record SnapshotRow(Guid Deployment, string Scope, int Number, DateTime At, string Totals, string State);
}
