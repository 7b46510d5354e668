using System.Text.Json;
using Dapper;
using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>Schedules in PostgreSQL, and how runs come from them. Every member is atomic.</summary>
internal sealed class ScheduleStore(IDatabase database, RunStore runs)
{
    /// <summary>Schedules of one scope.</summary>
    public const int OfScopeMax = 100;

    /// <summary>Schedules that <see cref="Due"/> gives at once.</summary>
    public const int DueMax = 500;

    private const string GateSql = "select pg_advisory_xact_lock(hashtextextended('serverless.schedule/' || @scope, 0))";

    private const string CountSql = "select count(*) from serverless.schedule where scope = @scope and name <> @name";

    private const string FindSql = "select schedule::text from serverless.schedule where scope = @scope and name = @name";

    private const string LockSql = $"{FindSql} for update";

    private const string PutSql = """
        insert into serverless.schedule (scope, name, schedule, next_at) values (@scope, @name, @schedule::jsonb, @nextAt)
        on conflict (scope, name) do update set schedule = excluded.schedule, next_at = excluded.next_at
        """;

    private const string RemoveSql = "delete from serverless.schedule where scope = @scope and name = @name";

    private const string ListSql = """
        select schedule::text from serverless.schedule
         where scope = @scope and (@after::text is null or name collate "C" > @after)
         order by name collate "C"
         limit @limit
        """;

    private const string DueSql = "select schedule::text from serverless.schedule where next_at <= @now order by next_at limit @max";

    /// <summary>
    /// Makes it be as asked; the same again changes nothing. What was due before, or while it was paused, is not made up for.
    /// <see cref="FaultKind.Exhausted"/> when the scope has <see cref="OfScopeMax"/> others.
    /// </summary>
    public Task<Outcome<Schedule>> Put(Schedule schedule, CancellationToken cancellation) => database.Transaction<Schedule>(
        async tx =>
        {
            await tx.Connection.ExecuteAsync(Command(tx, GateSql, new { scope = schedule.Scope }, cancellation));
            if (await Lock(tx, schedule.Scope, schedule.Name, cancellation) is { } known)
            {
                var same = known with { DoneUntil = schedule.DoneUntil, LeftOut = null, Revision = schedule.Revision };
                if (RunRow.Write(same) == RunRow.Write(schedule))
                {
                    return known;
                }

                schedule = schedule with { Revision = known.Revision + 1 };
            }
            else if (await tx.Connection.ExecuteScalarAsync<long>(Command(tx, CountSql, Key(schedule.Scope, schedule.Name), cancellation)) >= OfScopeMax)
            {
                return new Fault(FaultKind.Exhausted, $"Scope {schedule.Scope} has {OfScopeMax} schedules; remove some that are not needed.");
            }

            await Write(tx, schedule, cancellation);
            return schedule;
        },
        cancellation);

    /// <summary>From <paramref name="now"/> on it is paused, or is due again.</summary>
    public Task<Outcome<Schedule>> Pause(ScopeRef scope, ScheduleName name, bool isPaused, DateTimeOffset now, CancellationToken cancellation) =>
        Change(scope, name, known => known.IsPaused == isPaused ? known : known.Done(now, known.LeftOut) with { IsPaused = isPaused }, cancellation);

    /// <summary>Its runs go on. One that is not there is a success.</summary>
    public async Task Remove(ScopeRef scope, ScheduleName name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(RemoveSql, Key(scope, name), cancellationToken: cancellation));
    }

    public async Task<Schedule?> Find(ScopeRef scope, ScheduleName name, CancellationToken cancellation) =>
        (await Read(FindSql, Key(scope, name), cancellation)).SingleOrDefault();

    /// <summary>Of the scope, by name.</summary>
    public Task<IReadOnlyList<Schedule>> List(ScopeRef scope, string? after, int limit, CancellationToken cancellation) =>
        Read(ListSql, new { scope, after, limit }, cancellation);

    /// <summary>At most <see cref="DueMax"/> whose time has come, the longest ago first.</summary>
    public Task<IReadOnlyList<Schedule>> Due(DateTimeOffset now, CancellationToken cancellation) =>
        Read(DueSql, new { now, max = DueMax }, cancellation);

    /// <summary>A run of it for somebody who asks; <see cref="FaultKind.Conflict"/> when its policy forbids it.</summary>
    public Task<Outcome<(JobRun Run, bool IsNew)>> Start(Schedule schedule, JobRun run, RunKey? key, CancellationToken cancellation) =>
        database.Transaction(tx => Start(tx, schedule, run, key, cancellation), cancellation);

    /// <summary>
    /// The run of a time that was due, or a note why it was left out, with the schedule moved on: in one transaction, and only while the schedule is as it
    /// was read, so that of two hosts that both believe that it is theirs to do one does it.
    /// </summary>
    /// <param name="run">Or why there can be none; null when nothing was due.</param>
    public Task<Outcome<Schedule>> Fire(Schedule read, Outcome<JobRun>? run, DateTimeOffset now, CancellationToken cancellation) =>
        database.Transaction<Schedule>(
            async tx =>
            {
                if (await Lock(tx, read.Scope, read.Name, cancellation) is not { } known || known.Revision != read.Revision)
                {
                    return Fault.Stale($"Schedule '{read.Name}' of {read.Scope} has changed meanwhile.");
                }

                var leftOut = known.LeftOut;
                if (run is { } made)
                {
                    var started = await made.Then(ready => Start(tx, known, ready, null, cancellation));
                    leftOut = started.Fault?.Message;
                }

                var done = known.Done(now, leftOut);
                await Write(tx, done, cancellation);
                return done;
            },
            cancellation);

    private Task<Outcome<(JobRun Run, bool IsNew)>> Start(
        ITransaction tx, Schedule schedule, JobRun run, RunKey? key, CancellationToken cancellation) =>
        runs.Admit(tx, run, key, () => MakeWay(tx, schedule, run, cancellation), cancellation);

    /// <summary>What the policy says about those that have not ended.</summary>
    private async Task<Outcome<JobRun>> MakeWay(ITransaction tx, Schedule schedule, JobRun run, CancellationToken cancellation)
    {
        var underWay = schedule.Concurrency == RunConcurrency.Allow ? [] : await RunStore.UnderWay(tx, schedule.Scope, schedule.Name, cancellation);
        if (underWay.Count > 0 && schedule.Concurrency == RunConcurrency.Forbid)
        {
            return Fault.Conflict($"Run '{underWay[0].Id}' of schedule '{schedule.Name}' has not ended.").With("runId", underWay[0].Id);
        }

        foreach (var old in underWay.Where(old => !old.HasEnded))
        {
            await runs.Change(
                tx,
                old.Id,
                (_, known) => Task.FromResult(
                    known.HasEnded ? known : RunChanges.Cancel(known, $"Run '{run.Id}' of its schedule takes its place.", run.CreatedAt)),
                cancellation);
        }

        return run with { Replaces = [.. underWay.Select(old => old.Id)] };
    }

    private Task<Outcome<Schedule>> Change(ScopeRef scope, ScheduleName name, Func<Schedule, Schedule> change, CancellationToken cancellation) =>
        database.Transaction<Schedule>(
            async tx =>
            {
                if (await Lock(tx, scope, name, cancellation) is not { } known)
                {
                    return Fault.NotFound("schedule", name);
                }

                var changed = change(known);
                await Write(tx, changed, cancellation);
                return changed;
            },
            cancellation);

    private static async Task<Schedule?> Lock(ITransaction tx, ScopeRef scope, ScheduleName name, CancellationToken cancellation) =>
        await tx.Connection.QuerySingleOrDefaultAsync<string>(Command(tx, LockSql, Key(scope, name), cancellation)) is { } row ? Parse(row) : null;

    private static Task<int> Write(ITransaction tx, Schedule schedule, CancellationToken cancellation) => tx.Connection.ExecuteAsync(Command(
        tx,
        PutSql,
        new { scope = schedule.Scope, name = schedule.Name.Value, schedule = RunRow.Write(schedule), nextAt = schedule.Next },
        cancellation));

    private async Task<IReadOnlyList<Schedule>> Read(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. (await connection.QueryAsync<string>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).Select(Parse)];
    }

    private static Schedule Parse(string row) => JsonSerializer.Deserialize<Schedule>(row, FuryJson.Options)!;

    private static object Key(ScopeRef scope, ScheduleName name) => new { scope, name = name.Value };

    private static CommandDefinition Command(ITransaction tx, string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, tx.Inner, cancellationToken: cancellation);
}
