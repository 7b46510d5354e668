using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>Pools in PostgreSQL.</summary>
internal sealed class PoolStore : IPoolStore
{
    /// <summary>Clusters whose news are written at once.</summary>
    private const int ClustersPerWriteMax = 64;

    private const string LockSql = $"select {PoolRow.Columns} from serverless.pool where id = @id for update";

    private const string FindSql = $"select {PoolRow.Columns} from serverless.pool where id = @id";

    private const string FindAllSql = $"select {PoolRow.Columns} from serverless.pool where id = any(@ids) order by id";

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

    private const string EvacuatingSql = $$"""
        select {{PoolRow.Columns}} from serverless.pool
         where shares @> '[{"evacuating": true}]' and phase <> 'retired'
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

    private const string FencesSql = """
        select cluster from serverless.watch
         where (cluster, fence) in (select * from unnest(@clusters, @fences))
           for share
        """;

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

    private readonly IDatabase _database;
    private readonly IWake _wake;
    private readonly GroupCommit<SeenInCluster, Outcome> _observing;

    public PoolStore(IDatabase database, IWake wake) => (_database, _wake, _observing) = (database, wake, new(Observe, ClustersPerWriteMax));

    public Task<Outcome<Pool>> Change(PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation) =>
        _database.Transaction<Pool>(
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
                        tx.AfterCommit(() => _wake.Reconciler(PoolReconciler.ReconcilerName));
                    }

                    return after;
                }
            },
            cancellation);

    public async Task<Pool?> Find(PoolId id, CancellationToken cancellation) => (await Read(FindSql, new { id }, cancellation)).SingleOrDefault();

    public Task<IReadOnlyList<Pool>> Find(IReadOnlyCollection<PoolId> ids, CancellationToken cancellation) =>
        Read(FindAllSql, new { ids = ids.Select(id => id.Value).ToArray() }, cancellation);

    public Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation) => Read(ListSql, new { scope }, cancellation);

    public Task<IReadOnlyList<Pool>> In(string cluster, CancellationToken cancellation) => Read(InSql, new { cluster }, cancellation);

    public Task<IReadOnlyList<Pool>> Evacuating(CancellationToken cancellation) => Read(EvacuatingSql, new { }, cancellation);

    public Task<IReadOnlyList<Pool>> Unsettled(DateTimeOffset now, CancellationToken cancellation) =>
        Read(UnsettledSql, new { now, max = IPoolStore.UnsettledMax }, cancellation);

    public Task<Outcome> Observe(
        string cluster, long fence, IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> seen, CancellationToken cancellation) =>
        _observing.Add(new(cluster, fence, seen), cancellation);

    private async Task<IReadOnlyList<Outcome>> Observe(IReadOnlyList<SeenInCluster> seen, CancellationToken cancellation)
    {
        var outcome = await _database.Transaction<HashSet<string>>(
            async tx =>
            {
                var watched = (await tx.Connection.QueryAsync<string>(
                    FencesSql, new { clusters = seen.Select(one => one.Cluster).ToArray(), fences = seen.Select(one => one.Fence).ToArray() }, tx.Inner))
                    .ToHashSet(StringComparer.Ordinal);
                var news =
                    from one in seen
                    where watched.Contains(one.Cluster)
                    from pool in one.Pools
                    select (one.Cluster, Pool: pool.Key, Replicas: pool.Value);
                await Write(tx, news.ToLookup(one => one.Pool), cancellation);
                return watched;
            },
            cancellation);
        return
        [
            .. from one in seen
               select outcome.Value.Contains(one.Cluster) ? Outcome.Ok : Fault.Stale($"Another watches cluster '{one.Cluster}' by now."),
        ];
    }

    private static async Task Write(
        ITransaction tx, ILookup<PoolId, (string Cluster, PoolId Pool, IReadOnlyList<SeenReplica> Replicas)> news, CancellationToken cancellation)
    {
        var rows = await tx.Connection.QueryAsync<PoolRow>(LockAllSql, new { ids = news.Select(one => one.Key.Value).ToArray() }, tx.Inner);
        List<Pool> changed = [];
        foreach (var before in rows.Select(row => row.ToPool()))
        {
            var after = news[before.Spec.Id].Aggregate(before, (pool, one) => pool with
            {
                Replicas =
                [
                    .. pool.Replicas.Where(replica => replica.Cluster != one.Cluster),
                    .. one.Replicas.Select(replica => replica.After(pool.Find(replica.Id))),
                ],
            });
            if (before.Replicas.SequenceEqual(after.Replicas))
            {
                continue;
            }

            var visible = !after.LooksLike(before);
            after = after with { Revision = after.Revision + (visible ? 1 : 0) };
            changed.Add(after);
            if (visible)
            {
                await tx.Tell(new PoolChanged(after.ToState()), cancellation);
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
    }

    private async Task<IReadOnlyList<Pool>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        var rows = await connection.QueryAsync<PoolRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPool())];
    }

    /// <summary>What one watch has seen.</summary>
    private sealed record SeenInCluster(string Cluster, long Fence, IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> Pools);
}
