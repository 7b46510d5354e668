using System.Text.Json;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>Pools and their instances in PostgreSQL.</summary>
internal sealed class PoolStore : IPoolStore
{
    private const string PoolColumns =
        "id, spec::text as spec, phase, revision, problem::text as problem, failures, retry_at, scaled";

    private const string InstanceColumns =
        "id, pool, lot, provider, region, zone, type, market, phase, node, provider_id, address, port, restarts, reason, was_ready, launch, "
        + "terminating, stopping_at, created_at, ends_at";

    private const string LockSql = $"select {PoolColumns} from standard.pool where id = @id for update";

    private const string FindSql = $"select {PoolColumns} from standard.pool where id = @id";

    private const string FindAllSql = $"select {PoolColumns} from standard.pool where id = any(@ids) order by id";

    private const string ListSql = $"""
        select {PoolColumns} from standard.pool
         where scope = @scope and phase <> 'retired'
         order by created_at, id
        """;

    private const string UnsettledSql = """
        select id from standard.pool
         where due_at <= @now
         order by due_at
         limit @max
        """;

    private const string InstancesSql = $"select {InstanceColumns} from standard.instance where pool = any(@pools) order by id";

    private const string InstanceSql = $"select {InstanceColumns} from standard.instance where id = @id";

    private const string LotSql = $"select {InstanceColumns} from standard.instance where lot = @lot order by id";

    private const string PoolOfLotSql = "select pool from standard.instance where lot = @lot limit 1";

    private const string SharedSql = """
        select instance.id, instance.pool from standard.instance
         where provider = @provider and region = @region and node is null and provider_id is not null
        """;

    private const string OfNodeSql = """
        select instance.id, instance.pool from standard.instance
         where node = @node
        """;

    private const string AliveSql = """
        insert into standard.node (name, seen_at) values (@node, now())
        on conflict (name) do update set seen_at = excluded.seen_at
        """;

    private const string SilentNodesSql = """
        select node.name, node.seen_at from standard.node
         where name <> @but and seen_at < now() - @silence
           and exists (select from standard.instance where instance.node = node.name)
        """;

    private const string KnownSql = """
        select provider_id from standard.instance where provider_id = any(@ids)
        union
        select lot::text from standard.instance where lot = any(@lots) and provider_id is null
        """;

    private const string InsertPoolSql = """
        insert into standard.pool (id, scope, spec, phase, revision, problem, failures, retry_at, due_at, scaled, autoscaled)
        values (@id, @scope, @spec::jsonb, @phase, @revision, @problem::jsonb, @failures, @retryAt, @dueAt, @scaled, @autoscaled)
        on conflict (id) do nothing
        """;

    private const string UpdatePoolSql = """
        update standard.pool
           set spec = @spec::jsonb, phase = @phase, revision = @revision, problem = @problem::jsonb, failures = @failures,
               retry_at = @retryAt, due_at = @dueAt, scaled = @scaled, autoscaled = @autoscaled
         where id = @id
        """;

    private const string SaveInstanceSql = """
        insert into standard.instance
               (id, pool, lot, provider, region, zone, type, market, phase, node, provider_id, address, port, restarts, reason, was_ready,
                launch, terminating, stopping_at, created_at, ends_at)
        values (@id, @pool, @lot, @provider, @region, @zone, @type, @market, @phase, @node, @providerId, @address, @port, @restarts, @reason,
                @wasReady, @launch, @terminating, @stoppingAt, @createdAt, @endsAt)
        on conflict (id) do update
           set phase = excluded.phase, node = excluded.node, provider_id = excluded.provider_id, address = excluded.address,
               port = excluded.port, restarts = excluded.restarts, reason = excluded.reason, was_ready = excluded.was_ready,
               launch = excluded.launch, terminating = excluded.terminating, stopping_at = excluded.stopping_at,
               ends_at = excluded.ends_at
        """;

    private const string DeleteInstancesSql = "delete from standard.instance where id = any(@ids)";

    private readonly IDatabase _database;
    private readonly IWake _wake;
    private readonly TogetherWritten _together;

    public PoolStore(IDatabase database, IWake wake)
    {
        (_database, _wake) = (database, wake);
        _together = new((id, change, cancellation) => Change(
            id,
            (_, known) => Task.FromResult<Outcome<Pool>>(known is null ? Fault.NotFound("pool", id) : change(known)),
            cancellation));
    }

    public Task<Outcome<Pool>> Change(PoolId id, Func<ITransaction, Pool?, Task<Outcome<Pool>>> change, CancellationToken cancellation) =>
        _database.Transaction<Pool>(
            async tx =>
            {
                while (true)
                {
                    var before = await Lock(tx, id);
                    var outcome = await change(tx, before);
                    if (!outcome.IsOk || outcome.Value == before)
                    {
                        return outcome;
                    }

                    var visible = before is null || !outcome.Value.LooksLike(before);
                    var after = outcome.Value with { Revision = outcome.Value.Revision + (visible ? 1 : 0) };
                    if (!await Write(tx, before, after))
                    {
                        // Somebody else made it first, and has committed: change what they made.
                        continue;
                    }

                    if (visible)
                    {
                        await tx.Tell(new PoolChanged(after.ToState()), cancellation);
                    }

                    if (PoolPlan.DueAt(after) is not null)
                    {
                        tx.AfterCommit(() => _wake.Reconciler(PoolReconciler.ReconcilerName));
                    }

                    return after;
                }
            },
            cancellation);

    public Task<Outcome<Pool>> Change(PoolId id, Func<Pool, Pool> change, CancellationToken cancellation) => _together.Change(id, change, cancellation);

    public async Task<Pool?> Find(PoolId id, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        // One statement after the other without a transaction: a reader may see instances newer than the pool, which the next news mends.
        var row = await connection.QuerySingleOrDefaultAsync<PoolRow>(FindSql, new { id });
        return row?.ToPool([.. await connection.QueryAsync<InstanceRow>(InstancesSql, new { pools = new[] { id.Value } })]);
    }

    public Task<IReadOnlyList<Pool>> Find(IReadOnlyCollection<PoolId> ids, CancellationToken cancellation) =>
        Read(FindAllSql, new { ids = ids.Select(id => id.Value).ToArray() }, cancellation);

    public Task<IReadOnlyList<Pool>> List(ScopeRef scope, CancellationToken cancellation) => Read(ListSql, new { scope }, cancellation);

    public async Task<IReadOnlyList<PoolId>> Unsettled(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return [.. await connection.QueryAsync<PoolId>(UnsettledSql, new { now, max = IPoolStore.UnsettledMax })];
    }

    public async Task<Instance?> FindInstance(InstanceId id, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<InstanceRow>(InstanceSql, new { id }))?.ToInstance();
    }

    public async Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> OfNode(string node, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return [.. await connection.QueryAsync<(InstanceId, PoolId)>(OfNodeSql, new { node })];
    }

    public async Task<IReadOnlyList<Instance>> FindLot(Guid lot, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return [.. (await connection.QueryAsync<InstanceRow>(LotSql, new { lot })).Select(row => row.ToInstance())];
    }

    public async Task<PoolId?> PoolOfLot(Guid lot, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Guid?>(PoolOfLotSql, new { lot }) is { } pool ? new(pool) : null;
    }

    public async Task<IReadOnlyList<(InstanceId Instance, PoolId Pool)>> Shared(string provider, string region, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return [.. await connection.QueryAsync<(InstanceId, PoolId)>(SharedSql, new { provider, region })];
    }

    public async Task<IReadOnlySet<string>> Known(
        IReadOnlyCollection<string> providerIds, IReadOnlyCollection<Guid> lots, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return (await connection.QueryAsync<string>(KnownSql, new { ids = providerIds.ToArray(), lots = lots.ToArray() })).ToHashSet();
    }

    public async Task Alive(string node, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        await connection.ExecuteAsync(AliveSql, new { node });
    }

    public async Task<IReadOnlyDictionary<string, DateTime>> SilentNodes(string but, TimeSpan silence, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        return (await connection.QueryAsync<(string Name, DateTime SeenAt)>(SilentNodesSql, new { but, silence }))
            .ToDictionary(node => node.Name, node => node.SeenAt);
    }

    private async Task<IReadOnlyList<Pool>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        var rows = (await connection.QueryAsync<PoolRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).ToList();
        var pools = new { pools = rows.Select(row => row.Id).ToArray() };
        var instances = await connection.QueryAsync<InstanceRow>(new CommandDefinition(InstancesSql, pools, cancellationToken: cancellation));
        var byPool = instances.ToLookup(instance => instance.Pool);
        return [.. rows.Select(row => row.ToPool([.. byPool[row.Id]]))];
    }

    private static async Task<Pool?> Lock(ITransaction tx, PoolId id)
    {
        var row = await tx.Connection.QuerySingleOrDefaultAsync<PoolRow>(LockSql, new { id }, tx.Inner);
        return row?.ToPool([.. await tx.Connection.QueryAsync<InstanceRow>(InstancesSql, new { pools = new[] { id.Value } }, tx.Inner)]);
    }

    private static async Task<bool> Write(ITransaction tx, Pool? before, Pool after)
    {
        var row = new
        {
            id = after.Spec.Id,
            scope = after.Spec.Release.Scope,
            spec = JsonSerializer.Serialize(after.Spec, FuryJson.Options),
            phase = Word.Of(after.Phase),
            revision = after.Revision,
            problem = after.Problem is null ? null : JsonSerializer.Serialize(after.Problem, FuryJson.Options),
            failures = after.Failures,
            retryAt = after.RetryAt,
            dueAt = PoolPlan.DueAt(after),
            scaled = after.Scaled,
            autoscaled = after is { Phase: PoolPhase.Active, Spec.Autoscale: not null },
        };
        if (await tx.Connection.ExecuteAsync(before is null ? InsertPoolSql : UpdatePoolSql, row, tx.Inner) == 0)
        {
            return false;
        }

        var known = before?.Instances.ToDictionary(instance => instance.Id) ?? [];
        foreach (var instance in after.Instances.Where(instance => !known.TryGetValue(instance.Id, out var was) || was != instance))
        {
            await tx.Connection.ExecuteAsync(SaveInstanceSql, InstanceRow.Of(after.Spec.Id, instance), tx.Inner);
        }

        var gone = known.Keys.Except(after.Instances.Select(instance => instance.Id)).Select(id => id.Value).ToArray();
        if (gone.Length > 0)
        {
            await tx.Connection.ExecuteAsync(DeleteInstancesSql, new { ids = gone }, tx.Inner);
        }

        return true;
    }
}
