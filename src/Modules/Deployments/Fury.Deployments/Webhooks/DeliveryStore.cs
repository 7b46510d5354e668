using System.Globalization;
using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>
/// Deliveries in PostgreSQL. Whoever adds to the lanes of a deployment or ends one of them does so under a lock of the deployment, so that there is always
/// a head where something is pending.
/// </summary>
internal sealed class DeliveryStore(IDatabase database, WebhookOptions options)
{
    private const string LockSql = "select pg_advisory_xact_lock(1179992698, hashtext(@deployment::text))";

    private const string AddSql = $"""
        {LockSql};
        insert into deployments.delivery (webhook, deployment, number, due_at, since)
        select name, @deployment, @number, @now, @now
          from deployments.webhook
         where enabled
           and (cardinality(teams) = 0 or @team = any(teams))
           and (cardinality(applications) = 0 or @application = any(applications))
           and (cardinality(scopes) = 0 or exists (select from unnest(scopes) as pattern where @scope like replace(pattern, '*', '%')))
           and (cardinality(phases) = 0 or @phase = any(phases))
        on conflict (deployment, webhook, number) do nothing;
        {PromoteSql}
        """;

    private const string PromoteSql = """
        update deployments.delivery as d
           set head = true, due_at = @now
          from (select distinct on (webhook) id, webhook
                  from deployments.delivery
                 where deployment = @deployment and state = 'pending'
                 order by webhook, number) as first
         where d.id = first.id
           and not exists (select from deployments.delivery as h where h.deployment = @deployment and h.webhook = first.webhook and h.head)
        """;

    private const string DueSql = """
        select name
          from deployments.webhook as w
         where enabled and exists (select from deployments.delivery where webhook = w.name and head and due_at <= @now)
        """;

    private const string ClaimSql = """
        with due as materialized (
            select id, webhook, deployment, number
              from deployments.delivery
             where webhook = @webhook and head and due_at <= @now
             order by due_at
             limit @limit
               for update skip locked)
        update deployments.delivery as d
           set due_at = @until, attempts = d.attempts + 1
          from due
          join deployments.webhook as w on w.name = due.webhook
          left join deployments.event as e on e.deployment = due.deployment and e.number = due.number
          left join deployments.deployment as p on p.id = due.deployment
         where d.id = due.id and w.enabled and (d.asked_by is not null or (e.deployment is not null and p.id is not null))
        returning d.id, w.name, w.url, w.secret, d.attempts, d.since, d.deployment, d.number, d.asked_by, d.asked_at,
                  p.application, p.scope, p.strategy, p.state ->> 'version' as version, e.at, e.phase, e.message, e.data
        """;

    private const string RetrySql = """
        update deployments.delivery set due_at = @due, error = @error where id = @id and state = 'pending' and attempts = @attempts
        """;

    private const string EndSql = $"""
        {LockSql};
        update deployments.delivery
           set state = @state, head = false, error = coalesce(@error, error), ended_at = @now
         where id = @id and state = 'pending' and attempts = @attempts;
        {PromoteSql}
        """;

    private const string ReplaySql = $"""
        {LockSql};
        update deployments.delivery
           set state = 'pending', attempts = 0, since = @now, ended_at = null
         where id = @id and state = 'dead';
        {PromoteSql}
        """;

    /// <summary>Adds the event for every webhook that wants it; heard twice, it is added once.</summary>
    /// <param name="team">The owner of the application.</param>
    public Task Add(ScopeRef scope, string team, DeploymentEvent news, DateTimeOffset now, CancellationToken cancellation) => Execute(
        AddSql,
        new
        {
            deployment = news.Deployment.Value,
            number = news.Number,
            team,
            application = scope.Application.Value,
            scope = scope.Scope.Value,
            phase = Word.Of(news.Phase),
            now = now.UtcDateTime,
        },
        cancellation);

    /// <summary>The webhooks that have something to be delivered now.</summary>
    public async Task<IReadOnlyList<string>> Due(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(DueSql, new { now = now.UtcDateTime }, cancellationToken: cancellation))];
    }

    /// <summary>
    /// Begins an attempt at what is due, the longest due first: nobody else is given it before <paramref name="until"/>. Of each lane only one, whose turn
    /// it is.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> Claim(
        string webhook, DateTimeOffset now, DateTimeOffset until, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { webhook, now = now.UtcDateTime, until = until.UtcDateTime, limit };
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ClaimSql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToDelivery(options))];
    }

    /// <summary>It is tried again; nothing happens when somebody else has begun another attempt.</summary>
    public Task Retry(Delivery delivery, DateTimeOffset due, string error, CancellationToken cancellation) =>
        Execute(RetrySql, new { id = delivery.Id, attempts = delivery.Attempts, due = due.UtcDateTime, error }, cancellation);

    /// <summary>It is delivered or dead, and the next one of its lane has its turn; nothing happens when somebody else has begun another attempt.</summary>
    public Task End(Delivery delivery, DeliveryState state, string? error, DateTimeOffset now, CancellationToken cancellation) => Execute(
        EndSql,
        new
        {
            id = delivery.Id,
            deployment = delivery.Deployment.Value,
            attempts = delivery.Attempts,
            state = Word.Of(state),
            error,
            now = now.UtcDateTime,
        },
        cancellation);

    /// <summary>A dead one is tried as if it were new, before those of its deployment that have come later and still wait.</summary>
    public Task Replay(DeliveryView dead, DateTimeOffset now, CancellationToken cancellation) =>
        Execute(ReplaySql, new { id = dead.Id, deployment = dead.Lane.Value, now = now.UtcDateTime }, cancellation);

    private async Task Execute(string sql, object parameters, CancellationToken cancellation)
    {
        // Statements that are sent together are one transaction, and each sees what was committed before it began.
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private sealed record Row(
        long Id,
        string Name,
        string Url,
        string Secret,
        int Attempts,
        DateTime Since,
        Guid Deployment,
        long Number,
        string? AskedBy,
        DateTime? AskedAt,
        string? Application,
        string? Scope,
        string? Strategy,
        string? Version,
        DateTime? At,
        string? Phase,
        string? Message,
        string? Data)
    {
        private string Key => Id.ToString(CultureInfo.InvariantCulture);

        public Delivery ToDelivery(WebhookOptions options) => new(
            Id,
            Name,
            new(Url),
            new(Secret),
            Attempts,
            new(Since),
            new(Deployment),
            AskedBy is null ? ToNotice(options) : TestNotice.Of(Key, Name, new(AskedAt!.Value), AskedBy));

        private Notice ToNotice(WebhookOptions options) => new(
            Key,
            new(Deployment),
            $"{Deployment}",
            ApplicationName.Parse(Application),
            ScopeName.Parse(Scope),
            VersionName.Parse(Version),
            Word.Read<Strategy>(Strategy!),
            Number,
            new(At!.Value),
            Word.Read<DeploymentPhase>(Phase!),
            Message!,
            Json.Read<Dictionary<string, string>>(Data!),
            options.LinkTo(new(Deployment)));

        // What a record writes of itself by default would have the secret in it.
        public override string ToString() => $"{nameof(Row)} {Id}";
    }
}
