using Dapper;
using Fury.Compute.Serverless.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>Runs in PostgreSQL. Wakes who has to go on with one that has changed.</summary>
internal sealed class RunStore(IDatabase database, IWake wake, ILittleMonster monster) : IRunStore
{
    /// <summary>Runs of one scope that have not ended or left their clusters.</summary>
    public const int UnderWayMax = 100;

    private const string LockSql = "select run::text as run from serverless.run where id = @id for update";

    private const string FindSql = "select run::text as run from serverless.run where id = @id";

    private const string ListSql = """
        select run::text as run from serverless.run
         where scope = @scope and (@schedule::text is null or schedule = @schedule) and (@before::uuid is null or id < @before)
         order by id desc
         limit @limit
        """;

    private const string InSql = "select run::text as run from serverless.run where cluster = @cluster and not clean order by id";

    private const string UnderWaySql = """
        select run::text as run from serverless.run
         where not settled and scope = @scope and schedule = @schedule and (phase in ('waiting', 'running') or not clean)
         order by id
        """;

    private const string UnsettledSql = """
        select run::text as run from serverless.run
         where not settled
           and (phase not in ('waiting', 'running') and clean
                or phase = 'waiting' and start_by <= @now
                or phase = 'waiting' and (retry_at is null or retry_at <= @now)
                   and not exists (select from serverless.run old where old.id = any(run.replaces) and not old.clean))
         order by retry_at nulls first, id
         limit @max
        """;

    private const string UpdateSql = """
        update serverless.run
           set phase = @phase, cluster = @cluster, clean = @clean, settled = @settled, retry_at = @retryAt, run = @run::jsonb, ended_at = @endedAt
         where id = @id
        """;

    /// <summary>Lets one admission of a scope in after the other.</summary>
    private const string GateSql = "select pg_advisory_xact_lock(hashtextextended('serverless.run/' || @scope, 0))";

    private const string ByKeySql = """
        select run::text as run, request_hash from serverless.run where scope = @scope and idempotency_key = @key
        """;

    private const string CountSql = "select count(*) from serverless.run where scope = @scope and not settled";

    private const string InsertSql = """
        insert into serverless.run
            (id, scope, schedule, due_at, phase, cluster, clean, settled, retry_at, start_by, replaces, run, idempotency_key, request_hash, ended_at)
        values
            (@id, @scope, @schedule, @dueAt, @phase, @cluster, @clean, @settled, @retryAt, @startBy, @replaces, @run::jsonb, @key, @hash, @endedAt)
        on conflict (scope, schedule, due_at) do nothing
        """;

    private const string FenceSql = "select fence from serverless.watch where cluster = @cluster and fence = @fence for share";

    private const string LockAllSql = """
        select run::text as run from serverless.run where id = any(@ids) and cluster = @cluster and not clean order by id for update
        """;

    private const string KeepSql = """
        insert into serverless.run_log (run, lines) values (@id, @lines) on conflict (run) do update set lines = excluded.lines
        """;

    private const string LinesSql = "select lines from serverless.run_log where run = @id";

    private const string ForgetSql = """
        with ranked as (
            select run.id,
                   run.ended_at,
                   row_number() over (
                       partition by run.scope, schedule.name, schedule.name is not null and run.phase = 'succeeded' order by run.id desc) as place,
                   case when schedule.name is null then @ofScope
                        when run.phase = 'succeeded' then (schedule.schedule->>'succeededKept')::int
                        else (schedule.schedule->>'failedKept')::int end as kept
              from serverless.run left join serverless.schedule on schedule.scope = run.scope and schedule.name = run.schedule
             where run.settled)
        delete from serverless.run
         where id in (select id from ranked where place > kept or ended_at < @before limit @max)
        """;

    private const string RegisteredSql = "select exists (select from serverless.cluster where name = @cluster)";

    public Task<Outcome<JobRun>> Change(RunId id, Func<ITransaction, JobRun, Task<Outcome<JobRun>>> change, CancellationToken cancellation) =>
        database.Transaction(tx => Change(tx, id, change, cancellation), cancellation);

    /// <summary>The same, in the caller's own transaction.</summary>
    public async Task<Outcome<JobRun>> Change(
        ITransaction tx, RunId id, Func<ITransaction, JobRun, Task<Outcome<JobRun>>> change, CancellationToken cancellation)
    {
        var row = await tx.Connection.QuerySingleOrDefaultAsync<string>(Command(tx, LockSql, new { id }, cancellation));
        if (row is null)
        {
            return Fault.NotFound("run", id);
        }

        var before = RunRow.Read(row);
        var outcome = await change(tx, before);
        if (!outcome.IsOk || outcome.Value == before)
        {
            return outcome;
        }

        var after = outcome.Value;
        await tx.Connection.ExecuteAsync(Command(tx, UpdateSql, RunRow.Of(after), cancellation));
        tx.AfterCommit(() => Tell(before, after));
        return after;
    }

    public async Task<JobRun?> Find(RunId id, CancellationToken cancellation) => (await Read(FindSql, new { id }, cancellation)).SingleOrDefault();

    /// <summary>Runs of the scope, or of one of its schedules, newest first, older than one of them.</summary>
    public Task<IReadOnlyList<JobRun>> List(
        ScopeRef scope, ScheduleName? schedule, RunId? before, int limit, CancellationToken cancellation) =>
        Read(ListSql, new { scope, schedule = schedule?.Value, before = before?.Value, limit }, cancellation);

    /// <summary>Runs that have, or may have, something in the cluster.</summary>
    public Task<IReadOnlyList<JobRun>> In(string cluster, CancellationToken cancellation) => Read(InSql, new { cluster }, cancellation);

    /// <summary>At most <see cref="IRunStore.UnsettledMax"/> that wait for a place and may be tried now, are overdue, or have a promise to give back.</summary>
    public Task<IReadOnlyList<JobRun>> Unsettled(DateTimeOffset now, CancellationToken cancellation) =>
        Read(UnsettledSql, new { now, max = IRunStore.UnsettledMax }, cancellation);

    /// <summary>
    /// Takes the run in: once for its key and its time, then what is there already is answered. <see cref="FaultKind.Exhausted"/> when the scope has
    /// <see cref="UnderWayMax"/> under way.
    /// </summary>
    public Task<Outcome<(JobRun Run, bool IsNew)>> Admit(JobRun run, RunKey? key, CancellationToken cancellation) =>
        database.Transaction(tx => Admit(tx, run, key, () => Task.FromResult<Outcome<JobRun>>(run), cancellation), cancellation);

    /// <summary>The same, in the caller's own transaction.</summary>
    /// <param name="prepare">What is done just before it is taken in, when it is new; a fault keeps it out.</param>
    public async Task<Outcome<(JobRun Run, bool IsNew)>> Admit(
        ITransaction tx, JobRun run, RunKey? key, Func<Task<Outcome<JobRun>>> prepare, CancellationToken cancellation)
    {
        await tx.Connection.ExecuteAsync(Command(tx, GateSql, new { scope = run.Scope }, cancellation));
        if (key is not null
            && await tx.Connection.QuerySingleOrDefaultAsync<(string Run, string RequestHash)?>(
                Command(tx, ByKeySql, new { scope = run.Scope, key = key.Key }, cancellation)) is { } known)
        {
            return known.RequestHash == key.Hash
                ? (RunRow.Read(known.Run), false)
                : Fault.Conflict("This Idempotency-Key was used for another request.").With("runId", RunRow.Read(known.Run).Id);
        }

        if (await tx.Connection.ExecuteScalarAsync<long>(Command(tx, CountSql, new { scope = run.Scope }, cancellation)) >= UnderWayMax)
        {
            return new Fault(FaultKind.Exhausted, $"Scope {run.Scope} has {UnderWayMax} runs under way; wait for some to end, or cancel them.");
        }

        return await (await prepare()).Then<(JobRun, bool)>(async ready =>
        {
            var isNew = await tx.Connection.ExecuteAsync(Command(tx, InsertSql, RunRow.Of(ready, key), cancellation)) > 0;
            tx.AfterCommit(() => wake.Reconciler(PoolReconciler.ReconcilerName));
            return (ready, isNew);
        });
    }

    /// <summary>Runs of the schedule that have not ended, or whose clusters still have something of them.</summary>
    public static async Task<IReadOnlyList<JobRun>> UnderWay(ITransaction tx, ScopeRef scope, ScheduleName schedule, CancellationToken cancellation) =>
        [.. (await tx.Connection.QueryAsync<string>(Command(tx, UnderWaySql, new { scope, schedule }, cancellation))).Select(RunRow.Read)];

    public async Task<Outcome> End(RunId id, int placing, RunEnd end, IReadOnlyList<RunLine> lines, CancellationToken cancellation)
    {
        var ended = await Change(
            id,
            async (tx, run) =>
            {
                if (RunChanges.IsIn(run, placing))
                {
                    await tx.Connection.ExecuteAsync(Command(tx, KeepSql, new { id, lines = RunRow.Write(lines) }, cancellation));
                }

                return RunChanges.Ended(run, placing, end);
            },
            cancellation);
        return ended.IsOk ? Outcome.Ok : ended.Fault;
    }

    /// <summary>Null while it has not ended, and when none were kept.</summary>
    public async Task<IReadOnlyList<RunLine>?> Lines(RunId id, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var lines = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(LinesSql, new { id }, cancellationToken: cancellation));
        return lines is null ? null : RunRow.ReadLines(lines);
    }

    /// <summary>
    /// What the watch of a cluster has seen of some runs: all their replicas there, whole. Runs that are elsewhere or gone are left out.
    /// <see cref="FaultKind.Stale"/> when another watches the cluster by now.
    /// </summary>
    public async Task<Outcome> Observe(
        string cluster, long fence, IReadOnlyDictionary<RunId, IReadOnlyList<SeenAttempt>> seen, CancellationToken cancellation)
    {
        var outcome = await database.Transaction<bool>(
            async tx =>
            {
                if (!(await tx.Connection.QueryAsync<long>(Command(tx, FenceSql, new { cluster, fence }, cancellation))).Any())
                {
                    return Fault.Stale($"Another watches cluster '{cluster}' by now.");
                }

                var ids = seen.Keys.Select(id => id.Value).ToArray();
                var rows = await tx.Connection.QueryAsync<string>(Command(tx, LockAllSql, new { ids, cluster }, cancellation));
                foreach (var before in rows.Select(RunRow.Read))
                {
                    var after = before with { Seen = [.. seen[before.Id].OrderBy(attempt => attempt.CreatedAt).ThenBy(attempt => attempt.Uid)] };
                    if (!before.Seen.SequenceEqual(after.Seen))
                    {
                        await tx.Connection.ExecuteAsync(Command(tx, UpdateSql, RunRow.Of(after), cancellation));
                        tx.AfterCommit(() => Tell(before, after));
                    }
                }

                return true;
            },
            cancellation);
        return outcome.IsOk ? Outcome.Ok : outcome.Fault;
    }

    /// <summary>
    /// Forgets runs that have ended and are not kept any more, with their lines: each schedule says how many it keeps, each scope has
    /// <paramref name="ofScope"/> others, and none is older than <paramref name="before"/>.
    /// </summary>
    /// <returns>How many, at most <paramref name="max"/>.</returns>
    public async Task<int> Forget(DateTimeOffset before, int ofScope, int max, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { before, ofScope, max }, cancellationToken: cancellation));
    }

    public async Task<bool> IsRegistered(string cluster, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(RegisteredSql, new { cluster }, cancellationToken: cancellation));
    }

    private void Tell(JobRun before, JobRun after)
    {
        // Its saga waits for its replicas, and for the wish to end it.
        if (after.Saga is { } saga && (before.Seen != after.Seen || before.IsCancelling != after.IsCancelling || before.Phase != after.Phase))
        {
            monster.Nudge(saga);
        }

        // A place to find, a promise to give back; whoever replaces it may begin.
        if (after.Phase == RunPhase.Waiting ? after.RetryAt is null : after is { HasEnded: true, IsClean: true, IsSettled: false })
        {
            wake.Reconciler(PoolReconciler.ReconcilerName);
        }
    }

    private async Task<IReadOnlyList<JobRun>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. (await connection.QueryAsync<string>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).Select(RunRow.Read)];
    }

    private static CommandDefinition Command(ITransaction tx, string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, tx.Inner, cancellationToken: cancellation);
}
