using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <summary>Campaigns in PostgreSQL: a row for each, and one for each of its targets. A look reads what is open in one wave, and what has failed.</summary>
internal sealed class CampaignStore(IDatabase database) : ICampaignStore
{
    /// <summary>That have not ended; each is looked at every second.</summary>
    public const int ActiveMax = 20;

    private const string TargetColumns = "t.place, t.wave, t.application, t.scope, t.version, t.state, t.deployment, t.reason, t.since, t.tried_at";

    private const string LockTableSql = "lock table deployments.campaign in share row exclusive mode";

    private const string FindByNameSql = "select record, request_hash from deployments.campaign where name = @name";

    private const string CountActiveSql = "select count(*) from deployments.campaign where ended_at is null";

    private const string InsertSql = "insert into deployments.campaign (id, name, request_hash, record) values (@id, @name, @hash, @record::jsonb)";

    private const string InsertTargetsSql = """
        insert into deployments.campaign_target (campaign, place, wave, application, scope, version)
        select @id, * from unnest(@places, @waves, @applications, @scopes, @versions)
        """;

    private const string ActiveSql = "select record from deployments.campaign where ended_at is null order by id";

    private const string OpenSql = $"""
        select {TargetColumns}, d.id as found, d.phase as found_phase, d.state ->> 'reason' as found_reason
          from deployments.campaign_target t
          left join deployments.deployment d
            on d.application = t.application and d.scope = t.scope and d.idempotency_key = @prefix || t.application || '/' || t.scope
         where t.campaign = @id and t.wave = @wave and t.state in ('waiting', 'running')
         order by t.place
        """;

    private const string FailedSql = $"""
        select {TargetColumns} from deployments.campaign_target t where t.campaign = @id and t.state = 'failed' order by t.place
        """;

    // What has ended stays so, whatever a host has seen that was away for a while.
    private const string WriteTargetSql = """
        update deployments.campaign_target
           set state = @state, deployment = @deployment, reason = @reason, since = @since, tried_at = @triedAt
         where campaign = @id and place = @place and state in ('waiting', 'running')
        """;

    private const string LockSql = "select record from deployments.campaign where id = @id for update";

    private const string CountFailedSql = "select count(*) from deployments.campaign_target where campaign = @id and state = 'failed'";

    private const string WriteSql = "update deployments.campaign set record = @record::jsonb, ended_at = @endedAt where id = @id";

    private const string SkipSql = """
        update deployments.campaign_target
           set state = 'skipped', reason = 'The campaign ended before its turn.'
         where campaign = @id and state = 'waiting'
        """;

    private const string FindSql = "select record from deployments.campaign where id = @id";

    private const string TargetsSql = $"select {TargetColumns} from deployments.campaign_target t where t.campaign = @id order by t.place";

    private const string ListSql = """
        select record from deployments.campaign where @before::uuid is null or id < @before order by id desc limit @limit
        """;

    private const string CountSql = """
        select campaign, state, count(*) as count from deployments.campaign_target where campaign = any(@ids) group by campaign, state
        """;

    /// <summary>
    /// The same request under the same name returns the campaign that is there; another request is a conflict. <see cref="FaultKind.Exhausted"/> at
    /// <see cref="ActiveMax"/>.
    /// </summary>
    public Task<Outcome<Written<Campaign>>> Add(Campaign campaign, IReadOnlyList<Target> targets, string hash, CancellationToken cancellation) =>
        database.Transaction<Written<Campaign>>(
            async transaction =>
            {
                var connection = transaction.Connection;
                await connection.ExecuteAsync(Of(transaction, LockTableSql, new { }, cancellation));
                var named = Of(transaction, FindByNameSql, new { name = campaign.Name }, cancellation);
                if (await connection.QuerySingleOrDefaultAsync<NamedRow>(named) is { } known)
                {
                    return known.RequestHash == hash
                        ? new Written<Campaign>(Json.Read<Campaign>(known.Record))
                        : Fault.Conflict($"There is another campaign of the name '{campaign.Name}'.");
                }

                if (await connection.ExecuteScalarAsync<long>(Of(transaction, CountActiveSql, new { }, cancellation)) >= ActiveMax)
                {
                    return new Fault(FaultKind.Exhausted, $"{ActiveMax} campaigns have not ended, and no more are kept: resume or abort one that is stopped.");
                }

                var row = new { id = campaign.Id, name = campaign.Name, hash, record = Json.Write(campaign) };
                await connection.ExecuteAsync(Of(transaction, InsertSql, row, cancellation));
                var rows = new
                {
                    id = campaign.Id,
                    places = targets.Select(target => target.Place).ToArray(),
                    waves = targets.Select(target => target.Wave).ToArray(),
                    applications = targets.Select(target => target.Scope.Application.Value).ToArray(),
                    scopes = targets.Select(target => target.Scope.Scope.Value).ToArray(),
                    versions = targets.Select(target => target.Version?.Value).ToArray(),
                };
                await connection.ExecuteAsync(Of(transaction, InsertTargetsSql, rows, cancellation));
                return new Written<Campaign>(campaign, IsNew: true);
            },
            cancellation);

    public async Task<IReadOnlyList<Campaign>> Active(CancellationToken cancellation) =>
        [.. (await Read<string>(ActiveSql, new { }, cancellation)).Select(Json.Read<Campaign>)];

    public async Task<CampaignSeen> Look(Campaign campaign, CancellationToken cancellation)
    {
        var open = await Read<TargetRow>(
            OpenSql, new { id = campaign.Id, wave = campaign.Wave, prefix = Campaign.KeyPrefix(campaign.Id) }, cancellation);
        var failed = await Read<TargetRow>(FailedSql, new { id = campaign.Id }, cancellation);
        return new([.. open.Select(row => row.ToSeen())], [.. failed.Select(row => row.ToTarget())]);
    }

    public async Task Note(Guid campaign, Target target, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(WriteTargetSql, Parameters(campaign, target), cancellationToken: cancellation));
    }

    public async Task<Target?> Begin(Campaign campaign, Func<Task<Target>> begin, CancellationToken cancellation) => (await database.Transaction<Target?>(
        async transaction =>
        {
            if (await Locked(transaction, campaign.Id, cancellation) is not { State: CampaignState.Running } present || present.Wave != campaign.Wave)
            {
                return (Target?)null;
            }

            var target = await begin();
            await transaction.Connection.ExecuteAsync(Of(transaction, WriteTargetSql, Parameters(campaign.Id, target), cancellation));
            return target;
        },
        cancellation)).Value;

    public Task<Outcome<Campaign>> Change(Guid campaign, Func<Campaign, int, Outcome<Campaign>> change, CancellationToken cancellation) =>
        database.Transaction<Campaign>(
            async transaction =>
            {
                if (await Locked(transaction, campaign, cancellation) is not { } present)
                {
                    return Fault.NotFound("campaign", campaign);
                }

                var failed = await transaction.Connection.ExecuteScalarAsync<int>(Of(transaction, CountFailedSql, new { id = campaign }, cancellation));
                var changed = change(present, failed);
                if (changed.IsOk)
                {
                    var row = new { id = campaign, record = Json.Write(changed.Value), endedAt = changed.Value.EndedAt?.UtcDateTime };
                    await transaction.Connection.ExecuteAsync(
                        Of(transaction, changed.Value.EndedAt is null ? WriteSql : $"{WriteSql};\n{SkipSql}", row, cancellation));
                }

                return changed;
            },
            cancellation);

    /// <summary>With all its targets, in the order of their turns.</summary>
    public async Task<Outcome<(Campaign Campaign, IReadOnlyList<Target> Targets)>> Find(Guid campaign, CancellationToken cancellation)
    {
        if (await Read<string>(FindSql, new { id = campaign }, cancellation) is not [var record])
        {
            return Fault.NotFound("campaign", campaign);
        }

        var targets = await Read<TargetRow>(TargetsSql, new { id = campaign }, cancellation);
        return (Json.Read<Campaign>(record), [.. targets.Select(row => row.ToTarget())]);
    }

    /// <summary>Newest first, each with the number of its targets in each state.</summary>
    public async Task<IReadOnlyList<(Campaign Campaign, ILookup<TargetState, int> Counts)>> List(Guid? before, int limit, CancellationToken cancellation)
    {
        Campaign[] campaigns = [.. (await Read<string>(ListSql, new { before, limit }, cancellation)).Select(Json.Read<Campaign>)];
        var counts = await Read<CountRow>(CountSql, new { ids = campaigns.Select(campaign => campaign.Id).ToArray() }, cancellation);
        return
        [
            .. campaigns.Select(campaign => (campaign, counts
                .Where(row => row.Campaign == campaign.Id)
                .ToLookup(row => Word.Read<TargetState>(row.State), row => (int)row.Count))),
        ];
    }

    private async Task<List<T>> Read<T>(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))];
    }

    private static async Task<Campaign?> Locked(ITransaction transaction, Guid campaign, CancellationToken cancellation) =>
        await transaction.Connection.QuerySingleOrDefaultAsync<string>(Of(transaction, LockSql, new { id = campaign }, cancellation)) is { } record
            ? Json.Read<Campaign>(record)
            : null;

    private static CommandDefinition Of(ITransaction transaction, string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, transaction.Inner, cancellationToken: cancellation);

    private static object Parameters(Guid campaign, Target target) => new
    {
        id = campaign,
        place = target.Place,
        state = Word.Of(target.State),
        deployment = target.Deployment?.Value,
        reason = target.Reason,
        since = target.Since?.UtcDateTime,
        triedAt = target.TriedAt?.UtcDateTime,
    };

    private sealed record NamedRow(string Record, string RequestHash);

    private sealed record CountRow(Guid Campaign, string State, long Count);

    /// <summary>The last three are of the deployment that has the target's key, where a query looks for it.</summary>
    private sealed record TargetRow
    {
        public required int Place { get; init; }

        public required int Wave { get; init; }

        public required string Application { get; init; }

        public required string Scope { get; init; }

        public string? Version { get; init; }

        public required string State { get; init; }

        public Guid? Deployment { get; init; }

        public string? Reason { get; init; }

        public DateTime? Since { get; init; }

        public DateTime? TriedAt { get; init; }

        public Guid? Found { get; init; }

        public string? FoundPhase { get; init; }

        public string? FoundReason { get; init; }

        public Target ToTarget() =>
            new(Place, Wave, new(ApplicationName.Parse(Application), ScopeName.Parse(Scope)), Version is null ? null : VersionName.Parse(Version))
            {
                State = Word.Read<TargetState>(State),
                Deployment = Deployment is { } id ? new DeploymentId(id) : null,
                Reason = Reason,
                Since = Since,
                TriedAt = TriedAt,
            };

        public TargetSeen ToSeen() => Found is { } id
            ? new(ToTarget(), new DeploymentId(id), Word.Read<DeploymentPhase>(FoundPhase!), FoundReason)
            : new(ToTarget());
    }
}
