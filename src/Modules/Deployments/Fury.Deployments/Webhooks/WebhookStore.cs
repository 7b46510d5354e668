using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Subscriptions in PostgreSQL. Secrets go in here and come out with deliveries only.</summary>
internal sealed class WebhookStore(IDatabase database)
{
    /// <summary>Each event is held against all of them.</summary>
    public const int WebhooksMax = 100;

    private const string Columns = "name, url, teams, applications, scopes, phases, enabled, created_at";

    private const string LockSql = "lock table deployments.webhook in share row exclusive mode";

    private const string FindSql = $"select {Columns} from deployments.webhook where name = @name";

    private const string CountSql = "select count(*) from deployments.webhook";

    private const string PutSql = $"""
        insert into deployments.webhook as known ({Columns}, secret)
        values (@name, @url, @teams, @applications, @scopes, @phases, @enabled, @createdAt, @secret)
        on conflict (name) do update
           set url = excluded.url, secret = coalesce(nullif(excluded.secret, ''), known.secret), teams = excluded.teams,
               applications = excluded.applications, scopes = excluded.scopes, phases = excluded.phases, enabled = excluded.enabled
        returning {Columns}
        """;

    // Deliveries go with it, in no order that those who write two of a lane could keep to as well: they are done first, and wait.
    private const string LockDeliveriesSql = "lock table deployments.delivery in share row exclusive mode";

    private const string RemoveSql = "delete from deployments.webhook where name = @name";

    private const string ListSql = $"""
        select {Columns}
          from deployments.webhook
         where @after::text is null or name > @after
         order by name
         limit @limit
        """;

    /// <summary>
    /// Makes it, or makes the one of its name be so; what is not delivered yet goes by that from then on. A new one without a secret is
    /// <see cref="FaultKind.Invalid"/>; <see cref="FaultKind.Exhausted"/> at <see cref="WebhooksMax"/>.
    /// </summary>
    /// <param name="secret">Null: the old one stays.</param>
    public Task<Outcome<Written<Webhook>>> Put(Webhook wanted, Secret? secret, CancellationToken cancellation) => database.Transaction<Written<Webhook>>(
        async transaction =>
        {
            Task<Row?> One(string sql, object parameters) => transaction.Connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(sql, parameters, transaction.Inner, cancellationToken: cancellation));

            await transaction.Connection.ExecuteAsync(new CommandDefinition(LockSql, transaction: transaction.Inner, cancellationToken: cancellation));
            var present = await One(FindSql, new { name = wanted.Name });
            if (present is null && secret is null)
            {
                return Fault.Invalid("secret", null, "given: it signs what is delivered");
            }

            if (present is null && await transaction.Connection.ExecuteScalarAsync<long>(CountSql, transaction: transaction.Inner) >= WebhooksMax)
            {
                return new Fault(FaultKind.Exhausted, $"There are {WebhooksMax} webhooks, and no more are kept.");
            }

            var put = await One(PutSql, new
            {
                name = wanted.Name,
                url = wanted.Url.AbsoluteUri,
                teams = wanted.Teams.ToArray(),
                applications = wanted.Applications.Select(application => application.Value).ToArray(),
                scopes = wanted.Scopes.ToArray(),
                phases = wanted.Phases.Select(Word.Of).ToArray(),
                enabled = wanted.Enabled,
                createdAt = wanted.CreatedAt.UtcDateTime,
                secret = secret?.Value ?? "",
            });
            return new Written<Webhook>(put!.ToWebhook(), IsNew: present is null);
        },
        cancellation);

    /// <summary>Forgets it with all its deliveries. One that is not there is a success.</summary>
    public Task Remove(string name, CancellationToken cancellation) => database.Transaction<int>(
        async transaction =>
        {
            Task<int> Execute(string sql) =>
                transaction.Connection.ExecuteAsync(new CommandDefinition(sql, new { name }, transaction.Inner, cancellationToken: cancellation));

            await Execute(LockDeliveriesSql);
            return await Execute(RemoveSql);
        },
        cancellation);

    public async Task<Outcome<Webhook>> Find(string name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, new { name }, cancellationToken: cancellation));
        return row is null ? Fault.NotFound("webhook", name) : row.ToWebhook();
    }

    /// <summary>In the order of names.</summary>
    public async Task<IReadOnlyList<Webhook>> List(string? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, new { after, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToWebhook())];
    }

    /// <summary>Dapper gives a constructor arrays as <see cref="Array"/> only.</summary>
    private sealed record Row(
        string Name, string Url, Array Teams, Array Applications, Array Scopes, Array Phases, bool Enabled, DateTime CreatedAt)
    {
        public Webhook ToWebhook() => new(
            Name,
            new(Url),
            (string[])Teams,
            [.. Applications.Cast<string>().Select(ApplicationName.Parse)],
            (string[])Scopes,
            [.. Phases.Cast<string>().Select(Word.Read<DeploymentPhase>)],
            Enabled,
            new(CreatedAt));
    }
}
