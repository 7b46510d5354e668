using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>The one way a deployment changes: state, event and news in one transaction, guarded by revision and fence (I4).</summary>
internal sealed class Appends(Signals signals)
{
    private const string AppendSql = """
        with moved as (
            update deployments.deployment
               set phase = @phase, revision = @revision, state = @state::jsonb, ended_at = @ended
             where id = @id and revision = @before and fence = @fence and ended_at is null
            returning id)
        insert into deployments.event (deployment, number, at, phase, message, data)
        select id, @revision, @at, @phase, @message, @data::jsonb from moved
        """;

    private const string LockScopeSql = """
        select current, in_progress, waiting from deployments.scope where application = @application and scope = @scope for update
        """;

    // One statement reads in_progress and waiting as they were before it. What a deployment has ended with is awake.
    private const string ReleaseScopeSql = """
        update deployments.scope
           set current = case when @planned then @serving::jsonb else current end,
               in_progress = case when in_progress = @id then waiting else in_progress end,
               waiting = case when in_progress = @id or waiting = @id then null else waiting end
         where application = @application and scope = @scope;
        update deployments.scaling set asleep_since = null where application = @application and scope = @scope and asleep_since is not null
        """;

    private const string LeaveSql = """
        insert into deployments.leftover (pool, application, scope, plan, drain_until, created_at)
        values (@pool, @application, @scope, @plan::jsonb, @until, @at)
        on conflict (pool) do nothing
        """;

    public async Task<Outcome<DeploymentRecord>> Append(
        ITransaction transaction, DeploymentRecord before, Move.Go move, CancellationToken cancellation)
    {
        var next = move.Next;
        ScopeRow? scope = null;
        if (next.Ended)
        {
            // The scope first, always: admissions lock in the same order.
            scope = await LockScope(transaction, next.Scope, cancellation);
        }

        var written = await transaction.Connection.ExecuteAsync(new CommandDefinition(
            AppendSql,
            new
            {
                id = next.Id.Value,
                phase = Word.Of(next.Phase),
                revision = next.Revision,
                before = before.Revision,
                fence = before.Fence,
                state = Json.Write(next),
                ended = next.EndedAt?.UtcDateTime,
                at = move.At.UtcDateTime,
                message = move.Message,
                data = Json.Write(move.Data),
            },
            transaction.Inner,
            cancellationToken: cancellation));
        if (written == 0)
        {
            return Fault.Stale($"Deployment '{next.Id}' has moved on.");
        }

        if (next.Ended)
        {
            await ReleaseScope(transaction, next, cancellation);
        }

        var news = new DeploymentEvent(next.Id, next.Revision, move.At, next.Phase, move.Message, move.Data);
        await transaction.Tell(new DeploymentAdvanced(next.Id, next.Scope, news), cancellation);
        transaction.AfterCommit(() =>
        {
            signals.Raise(next.Id);
            Telemetry.Advanced(before, next);
            if (next.Ended && scope?.Waiting is { } turn)
            {
                signals.Raise(turn);
            }
        });
        return next;
    }

    public static async Task<ScopeRow?> LockScope(ITransaction transaction, ScopeRef scope, CancellationToken cancellation)
    {
        var row = await transaction.Connection.QuerySingleOrDefaultAsync<ScopeState>(new CommandDefinition(
            LockScopeSql,
            new { application = scope.Application.Value, scope = scope.Scope.Value },
            transaction.Inner,
            cancellationToken: cancellation));
        return row?.ToScope();
    }

    private static async Task ReleaseScope(ITransaction transaction, DeploymentRecord ended, CancellationToken cancellation)
    {
        var scope = new
        {
            id = ended.Id.Value,
            application = ended.Scope.Application.Value,
            scope = ended.Scope.Scope.Value,
            planned = ended.Serving is not null,
            serving = ended.Serving is { Count: > 0 } ? Json.Write(ended.Serving) : null,
        };
        await transaction.Connection.ExecuteAsync(
            new CommandDefinition(ReleaseScopeSql, scope, transaction.Inner, cancellationToken: cancellation));
        foreach (var pool in ended.Leftovers)
        {
            var leftover = new
            {
                pool = pool.Id.Value,
                scope.application,
                scope.scope,
                plan = Json.Write(pool),
                until = ended.EndedAt!.Value.UtcDateTime.AddSeconds(ended.Policy.DrainSeconds),
                at = ended.EndedAt.Value.UtcDateTime,
            };
            await transaction.Connection.ExecuteAsync(
                new CommandDefinition(LeaveSql, leftover, transaction.Inner, cancellationToken: cancellation));
        }
    }
}
