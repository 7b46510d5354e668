using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Deliveries that people ask for, to see whether a webhook takes what it is sent. They go the way of all others, each in a lane of its own.</summary>
internal sealed class TestMessages(IDatabase database, TimeProvider clock)
{
    /// <summary>Of one webhook at once. One that fails is tried again by itself, so that another would tell nothing more.</summary>
    public const int WaitingMax = 1;

    private const string LockSql = "select pg_advisory_xact_lock(1179992699, hashtext(@webhook))";

    private const string FindSql = "select enabled from deployments.webhook where name = @webhook";

    private const string WaitingSql = """
        select id from deployments.delivery where webhook = @webhook and state = 'pending' and asked_by is not null order by id limit @max
        """;

    private const string AddSql = """
        insert into deployments.delivery (webhook, deployment, number, head, due_at, since, asked_by, asked_at)
        select name, @lane, 1, true, @now, @now, @by, @now
          from deployments.webhook
         where name = @webhook
        returning id
        """;

    /// <summary>
    /// Queues one for this webhook alone, whatever events it wants, and tells the delivery's id. <see cref="FaultKind.NotFound"/>: there is no such webhook;
    /// <see cref="FaultKind.Conflict"/>: it is disabled, or <see cref="WaitingMax"/> wait for it already.
    /// </summary>
    /// <param name="by">Who asks.</param>
    public Task<Outcome<long>> Ask(string webhook, string by, CancellationToken cancellation) => database.Transaction<long>(
        async transaction =>
        {
            var now = clock.GetUtcNow();
            var parameters = new { webhook, by, lane = DeploymentId.New(clock).Value, now = now.UtcDateTime, max = WaitingMax };
            CommandDefinition Command(string sql) => new(sql, parameters, transaction.Inner, cancellationToken: cancellation);

            await transaction.Connection.ExecuteAsync(Command(LockSql));
            if (await transaction.Connection.QuerySingleOrDefaultAsync<bool?>(Command(FindSql)) is not { } enabled)
            {
                return Fault.NotFound("webhook", webhook);
            }

            if (!enabled)
            {
                return Fault.Conflict($"Webhook {webhook} is disabled, and nothing is sent to it until it is enabled.");
            }

            var waiting = (await transaction.Connection.QueryAsync<long>(Command(WaitingSql))).AsList();
            if (waiting.Count >= WaitingMax)
            {
                return Fault.Conflict(
                    $"A test message waits for webhook {webhook} already, delivery {waiting[0]}. It is tried again by itself until it is taken or given up.")
                    .With("delivery", waiting[0]);
            }

            return await transaction.Connection.QuerySingleOrDefaultAsync<long?>(Command(AddSql)) is { } id
                ? id
                : Fault.NotFound("webhook", webhook);
        },
        cancellation);
}
