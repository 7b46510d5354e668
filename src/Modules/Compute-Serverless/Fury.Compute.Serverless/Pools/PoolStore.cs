using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Pools in PostgreSQL.</summary>
internal sealed class PoolStore(IDatabase database, IWake wake) : IPoolStore
{
    private const string LockSql = $"select {PoolRow.Columns} from serverless.pool where id = @id for update";

    private const string FindSql = $"select {PoolRow.Columns} from serverless.pool where id = @id";

    private const string ListSql = $"""
        select {PoolRow.Columns} from serverless.pool
         where scope = @scope and phase <> 'retired'
         order by created_at, id
        """;

    private const string InSql = $"""
        select {PoolRow.Columns} from serverless.pool
         where shares @> jsonb_build_array(jsonb_build_object('cluster', @cluster)) and phase <> 'retired'
         order by id
        """;

    private const string UnsettledSql = $"""
        select {PoolRow.Columns} from serverless.pool
         where not settled and (retry_at is null or retry_at <= @now)
         order by retry_at nulls first, id
         limit @max
        """;

    private const string InsertSql = """
        insert into serverless.pool (id, scope, spec, phase, revision, wish, placed, retry_at, shares, replicas, unplaced, settled)
        values (@id, @scope, @spec::jsonb, @phase, @revision, @wish, @placed, @retryAt, @shares::jsonb, @replicas::jsonb, @unplaced::jsonb, @settled)
        on conflict (id) do nothing
        """;

    private const string UpdateSql = """
        update serverless.pool
           set spec = @spec::jsonb, phase = @phase, revision = @revision, wish = @wish, placed = @placed, retry_at = @retryAt,
               shares = @shares::jsonb, replicas = @replicas::jsonb, unplaced = @unplaced::jsonb, settled = @settled
         where id = @id
        """;

    private const string FenceSql = "select fence from serverless.watch where cluster = @cluster and fence = @fence for share";

    private const string LockAllSql = $"""
        select {PoolRow.Columns} from serverless.pool
         where id = any(@ids) and phase <> 'retired'
         order by id
           for update
        """;

    private const string ObservedSql = """
        update serverless.pool
           set replicas = new.replicas::jsonb, revision = new.revision
          from unnest(@ids, @all, @revisions) as new (id, replicas, revision)
         where pool.id = new.id
        """;

    public Task<Outcome<Pool>> Change(PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation) =>
        database.Transaction<Pool>(
            async tx =>
            {
                while (true)
                {
                    var before = (await tx.Connection.QuerySingleOrDefaultAsync<PoolRow>(LockSql, new { id }, tx.Inner))?.ToPool();
                    var outcome = await change(tx, before);
                    if (!outcome.IsOk || outcome.Value == before)
                    {
                        return outcome;
                    }

                    var visible = before is null || !outcome.Value.LooksLike(before);
                    var after = outcome.Value with { Revision = outcome.Value.Revision + (visible ? 1 : 0) };
                    if (await tx.Connection.ExecuteAsync(before is null ? InsertSql : UpdateSql, PoolRow.Of(after), tx.Inner) == 0)
                    {
                        // Somebody else made it first, and has committed: change what they made.
                        continue;
                    }

                    if (visible)
                    {
                        await tx.Tell(new PoolChanged(after.ToState()), cancellation);
                    }

                    if (!Settling.IsSettled(after))
                    {
                        tx.AfterCommit(() => wake.Reconciler(PoolReconciler.ReconcilerName));
                    }

                    return after;
                }
            },
            cancellation);

    public async Task<Pool?> Find(PoolId id, CancellationToken cancellation) => (await Read(FindSql, new { id }, cancellation)).SingleOrDefault();

    public Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation) => Read(ListSql, new { scope }, cancellation);

    public Task<IReadOnlyList<Pool>> In(string cluster, CancellationToken cancellation) => Read(InSql, new { cluster }, cancellation);

    public Task<IReadOnlyList<Pool>> Unsettled(DateTimeOffset now, CancellationToken cancellation) =>
        Read(UnsettledSql, new { now, max = IPoolStore.UnsettledMax }, cancellation);

    public async Task<Outcome> Observe(
        string cluster, long fence, IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> seen, CancellationToken cancellation)
    {
        var outcome = await database.Transaction<bool>(
            async tx =>
            {
                if (!(await tx.Connection.QueryAsync<long>(FenceSql, new { cluster, fence }, tx.Inner)).Any())
                {
                    return Fault.Stale($"Another watches cluster '{cluster}' by now.");
                }

                var rows = await tx.Connection.QueryAsync<PoolRow>(LockAllSql, new { ids = seen.Keys.Select(id => id.Value).ToArray() }, tx.Inner);
                List<Pool> changed = [];
                foreach (var before in rows.Select(row => row.ToPool()))
                {
                    var after = before with { Replicas = [.. before.Replicas.Where(one => one.Cluster != cluster), .. seen[before.Spec.Id]] };
                    if (!before.Replicas.SequenceEqual(after.Replicas))
                    {
                        var visible = !after.LooksLike(before);
                        after = after with { Revision = after.Revision + (visible ? 1 : 0) };
                        changed.Add(after);
                        if (visible)
                        {
                            await tx.Tell(new PoolChanged(after.ToState()), cancellation);
                        }
                    }
                }

                await tx.Connection.ExecuteAsync(
                    ObservedSql,
                    new
                    {
                        ids = changed.Select(pool => pool.Spec.Id.Value).ToArray(),
                        all = changed.Select(pool => PoolRow.Write(pool.Replicas)).ToArray(),
                        revisions = changed.Select(pool => pool.Revision).ToArray(),
                    },
                    tx.Inner);
                return true;
            },
            cancellation);
        return outcome.IsOk ? Outcome.Ok : outcome.Fault;
    }

    private async Task<IReadOnlyList<Pool>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<PoolRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPool())];
    }
}
