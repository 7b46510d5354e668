using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>Deliveries as people look at them, and what becomes of old ones.</summary>
internal sealed class DeliveryList(IDatabase database, TimeProvider clock) : IReconciler
{
    /// <summary>Of one webhook; of more the oldest are forgotten.</summary>
    public const int DeadMax = 1000;

    private const int ForgottenPerPassMax = 10_000;

    private static readonly TimeSpan DeliveredKept = TimeSpan.FromHours(24);

    private const string Columns = "id, deployment, number, state, attempts, error, since, ended_at, asked_by";

    private const string ListSql = $"""
        select {Columns}
          from deployments.delivery
         where webhook = @webhook and state = @state and (@before::bigint is null or id < @before)
         order by id desc
         limit @limit
        """;

    private const string FindSql = $"""
        select {Columns} from deployments.delivery where webhook = @webhook and id = @id
        """;

    private const string ForgetSql = """
        delete from deployments.delivery
         where id = any(array(
            select id from deployments.delivery where state = 'delivered' and ended_at < @before order by ended_at limit @limit));
        delete from deployments.delivery as d
         using (select name, (select id from deployments.delivery where webhook = w.name and state = 'dead' order by id desc offset @dead limit 1) as last
                  from deployments.webhook as w) as over
         where d.webhook = over.name and d.state = 'dead' and d.id <= over.last
        """;

    public string Name => "deployments-webhooks-tidy";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(30);

    public bool OncePerPlatform => true;

    /// <summary>Newest first, those before <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<DeliveryView>> List(
        string webhook, DeliveryState state, long? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { webhook, state = Word.Of(state), before, limit };
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToView())];
    }

    public async Task<Outcome<DeliveryView>> Find(string webhook, long id, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, new { webhook, id }, cancellationToken: cancellation));
        return row is null ? Fault.NotFound($"delivery of webhook {webhook}", id) : row.ToView();
    }

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var parameters = new { before = (clock.GetUtcNow() - DeliveredKept).UtcDateTime, limit = ForgottenPerPassMax, dead = DeadMax };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, parameters, cancellationToken: cancellation));
    }

    private sealed record Row(
        long Id, Guid Deployment, long Number, string State, int Attempts, string? Error, DateTime Since, DateTime? EndedAt, string? AskedBy)
    {
        public DeliveryView ToView() => new(
            Id,
            AskedBy is null ? new(Deployment) : null,
            Number,
            Word.Read<DeliveryState>(State),
            Attempts,
            Error,
            new(Since),
            EndedAt is { } end ? new DateTimeOffset(end) : null,
            AskedBy)
        {
            Lane = new(Deployment),
        };
    }
}
