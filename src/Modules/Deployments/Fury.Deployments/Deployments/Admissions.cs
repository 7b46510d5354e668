using System.Security.Cryptography;
using System.Text;
using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>How a deployment comes to be: one transaction under the lock of the scope's row, so wishes for one scope queue up.</summary>
internal sealed class Admissions(IDatabase database, Appends appends, IGates gates, Signals signals, TimeProvider clock)
{
    private const string EnsureScopeSql = """
        insert into deployments.scope (application, scope) values (@application, @scope) on conflict do nothing
        """;

    private const string FindByKeySql = """
        select id, fence, state, request_hash
          from deployments.deployment
         where application = @application and scope = @scope and idempotency_key = @key
        """;

    private const string LockSql = "select id, fence, state from deployments.deployment where id = @id for update";

    private const string InsertSql = """
        insert into deployments.deployment
            (id, application, scope, shard, strategy, phase, release, revision, state, idempotency_key, request_hash, created_at)
        values
            (@id, @application, @scope, @shard, @strategy, @phase, @release, 1, @state::jsonb, @key, @hash, @at)
        """;

    private const string InsertEventSql = """
        insert into deployments.event (deployment, number, at, phase, message, data)
        values (@id, 1, @at, @phase, @message, @data::jsonb)
        """;

    private const string TakeScopeSql = """
        update deployments.scope
           set in_progress = coalesce(in_progress, @id),
               waiting = case when in_progress is null then null else @id end
         where application = @application and scope = @scope
        """;

    public Task<Outcome<Admission>> Admit(Wish wish, CancellationToken cancellation) => database.Transaction<Admission>(
        async transaction =>
        {
            var names = new { application = wish.Scope.Application.Value, scope = wish.Scope.Scope.Value, key = wish.Key };
            await transaction.Connection.ExecuteAsync(Command(transaction, EnsureScopeSql, names, cancellation));
            var scope = (await Appends.LockScope(transaction, wish.Scope, cancellation))!;
            if (wish.Key is not null
                && await transaction.Connection.QuerySingleOrDefaultAsync<KeyRow>(
                    Command(transaction, FindByKeySql, names, cancellation)) is { } known)
            {
                return known.RequestHash == wish.RequestHash
                    ? new Admission(known.ToRecord(), Created: false)
                    : Fault.Conflict("This Idempotency-Key was used for another request.").With("deploymentId", known.Id);
            }

            if (await gates.Refusal(wish.Scope, wish.Version, wish.Strategy, cancellation) is { } forbidden)
            {
                return forbidden;
            }

            if (scope.InProgress is { } running)
            {
                if (wish.WhenBusy == WhenBusy.Refuse)
                {
                    return Fault.Conflict($"Scope {wish.Scope} has a deployment in progress.").With("deploymentId", running);
                }

                await Displace(transaction, scope.Waiting, "a later request replaced it.", cancellation);
                await Displace(transaction, wish.WhenBusy == WhenBusy.Replace ? running : null, "another deployment replaces it.", cancellation);
                scope = (await Appends.LockScope(transaction, wish.Scope, cancellation))!;
            }

            var record = await Insert(transaction, wish, scope, cancellation);
            transaction.AfterCommit(() =>
            {
                Telemetry.Admitted(record);
                signals.Raise(record.Id);
            });
            return new Admission(record, Created: true);
        },
        cancellation);

    private async Task Displace(ITransaction transaction, DeploymentId? deployment, string reason, CancellationToken cancellation)
    {
        if (deployment is null)
        {
            return;
        }

        var row = await transaction.Connection.QuerySingleAsync<Row>(
            Command(transaction, LockSql, new { id = deployment.Value.Value }, cancellation));
        var record = row.ToRecord();
        if (Commands.Abort(record, reason, clock.GetUtcNow()) is { } move)
        {
            var appended = await appends.Append(transaction, record, move, cancellation);
            if (!appended.IsOk)
            {
                throw new InvalidOperationException($"Deployment {record.Id} was changed while its row was locked.");
            }
        }
    }

    private async Task<DeploymentRecord> Insert(ITransaction transaction, Wish wish, ScopeRow scope, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var waits = scope.InProgress is not null;
        var message = waits
            ? $"Admitted; waits until deployment {scope.InProgress} has {(wish.WhenBusy == WhenBusy.Replace ? "gone back" : "ended")}."
            : $"Admitted: {wish.Version} by {Word.Of(wish.Strategy)}.";
        var record = new DeploymentRecord(
            DeploymentId.New(clock), wish.Scope, wish.Strategy, wish.Policy, wish.To, wish.Version, PoolId.New(clock), now)
        {
            Phase = DeploymentPhase.Admitted,
            PhaseSince = now,
            Deadline = now + (waits ? Machine.TurnDeadline : Machine.BeginDeadline),
            Reason = message,
            AskedBy = wish.By,
            Revision = 1,
            Route = wish.Route,
        };
        var data = new Dictionary<string, string> { ["version"] = wish.Version.Value, ["release"] = wish.To.Value };
        if (wish.By is { } by)
        {
            data["by"] = by;
        }

        var row = new
        {
            id = record.Id.Value,
            application = wish.Scope.Application.Value,
            scope = wish.Scope.Scope.Value,
            shard = Shards.Of(wish.Scope),
            strategy = Word.Of(wish.Strategy),
            phase = Word.Of(record.Phase),
            release = wish.To.Value,
            state = Json.Write(record),
            key = wish.Key,
            hash = wish.RequestHash,
            at = now.UtcDateTime,
            message,
            data = Json.Write(data),
        };
        await transaction.Connection.ExecuteAsync(
            Command(transaction, $"{InsertSql};\n{InsertEventSql};\n{TakeScopeSql}", row, cancellation));
        var news = new DeploymentEvent(record.Id, 1, now, record.Phase, message, data);
        await transaction.Tell(new DeploymentAdvanced(record.Id, record.Scope, news), cancellation);
        return record;
    }

    private static CommandDefinition Command(ITransaction transaction, string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, transaction.Inner, cancellationToken: cancellation);

    private sealed record KeyRow(Guid Id, long Fence, string State, string RequestHash)
    {
        public DeploymentRecord ToRecord() => new Row(Id, Fence, State).ToRecord();
    }
}

/// <summary>Deployments are shared out to hosts by the scope they move.</summary>
internal static class Shards
{
    public const int Count = 16;

    public static int Of(ScopeRef scope) => SHA256.HashData(Encoding.UTF8.GetBytes(scope.ToString()))[0] % Count;

    public static string LeaseOf(int shard) => $"deployments/{shard}";
}
