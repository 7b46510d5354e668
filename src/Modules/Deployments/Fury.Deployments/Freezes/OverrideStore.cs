using Dapper;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Freezes;

/// <summary>Overrides of freezes. Each change is one transaction, with a line on record; what has run out is kept for a while as a record too.</summary>
internal sealed class OverrideStore(IDatabase database, RuleWriter writer)
{
    /// <summary>Of one freeze, at the same time.</summary>
    public const int OverridesMax = 100;

    public const string LiveSql = $"""
        select {Columns} from deployments.freeze_override where confirmed_by is not null and until > @now
        """;

    private const string Columns = "id, freeze_id, application, scope, until, reason, asked_by, asked_at, confirmed_by, confirmed_at";

    private const string FreezeSql = "select content from deployments.freeze where name = @name";

    private const string OfSql = $"select {Columns} from deployments.freeze_override where freeze_id = @freeze and until > @now";

    private const string InsertSql = $"""
        insert into deployments.freeze_override (id, freeze_id, application, scope, until, reason, asked_by, asked_at)
        values (@id, @freeze, @application, @scope, @until, @reason, @askedBy, @askedAt)
        """;

    private const string FindSql = $"select {Columns} from deployments.freeze_override where id = @id and freeze_id = @freeze";

    private const string ConfirmSql = "update deployments.freeze_override set confirmed_by = @by, confirmed_at = @at where id = @id";

    private const string ListSql = $"""
        select {Columns}
          from deployments.freeze_override
         where freeze_id = @freeze and (@before::uuid is null or id < @before)
         order by id desc
         limit @limit
        """;

    /// <summary>
    /// Asks for an override of the freeze of this name. The same wish again, while it has not run out, returns the first one.
    /// <see cref="FaultKind.Exhausted"/> at <see cref="OverridesMax"/>.
    /// </summary>
    /// <param name="wish">Its id, freeze and time are not set yet.</param>
    public Task<Outcome<Written<Override>>> Ask(string name, Override wish, CancellationToken cancellation) => writer.Write<Override>(
        async (transaction, now) =>
        {
            if (await One<FreezeStore.Row>(transaction, FreezeSql, new { name }, cancellation) is not { } row)
            {
                return Fault.NotFound("freeze", name);
            }

            var wanted = wish with { Id = Guid.CreateVersion7(now), Freeze = row.ToFreeze().Id, AskedAt = now };
            var rows = await transaction.Connection.QueryAsync<Row>(
                new CommandDefinition(OfSql, new { freeze = wanted.Freeze, now = now.UtcDateTime }, transaction.Inner, cancellationToken: cancellation));
            Override[] live = [.. rows.Select(one => one.ToOverride())];
            var same = live.FirstOrDefault(one => one with { Id = wanted.Id, AskedAt = now, ConfirmedBy = null, ConfirmedAt = null } == wanted);
            if (same is not null)
            {
                return new Written<Override>(same);
            }

            if (live.Length >= OverridesMax)
            {
                return new Fault(FaultKind.Exhausted, $"Freeze '{name}' has {OverridesMax} overrides that have not run out, and no more are kept.");
            }

            var parameters = new
            {
                id = wanted.Id,
                freeze = wanted.Freeze,
                application = wanted.Application.Value,
                scope = wanted.Scope?.Value,
                until = wanted.Until.UtcDateTime,
                reason = wanted.Reason,
                askedBy = wanted.AskedBy,
                askedAt = now.UtcDateTime,
            };
            await transaction.Connection.ExecuteAsync(
                new CommandDefinition(InsertSql, parameters, transaction.Inner, cancellationToken: cancellation));
            var text = $"An override for {Of(wanted)} until {wanted.Until:u} is asked for.";
            return new Written<Override>(wanted, (wanted.AskedBy, FreezeStore.RuleOf(name), text, wanted.Reason), IsNew: true);
        },
        cancellation);

    /// <summary>
    /// From now on it has its effect. <see cref="FaultKind.Forbidden"/> for who asked for it, <see cref="FaultKind.Conflict"/> when it has run out; the
    /// second confirmation changes nothing.
    /// </summary>
    public Task<Outcome<Written<Override>>> Confirm(string name, Guid id, string by, CancellationToken cancellation) => writer.Write<Override>(
        async (transaction, now) =>
        {
            var freeze = await One<FreezeStore.Row>(transaction, FreezeSql, new { name }, cancellation);
            var row = freeze is null ? null : await One<Row>(transaction, FindSql, new { id, freeze = freeze.ToFreeze().Id }, cancellation);
            if (row?.ToOverride() is not { } asked)
            {
                return freeze is null ? Fault.NotFound("freeze", name) : Fault.NotFound("override", id);
            }

            if (Reading.IsSame(by, asked.AskedBy))
            {
                return new Fault(FaultKind.Forbidden, $"{asked.AskedBy} has asked for this override; another person must confirm it.");
            }

            if (asked.ConfirmedBy is not null)
            {
                return new Written<Override>(asked);
            }

            if (asked.Until <= now)
            {
                return Fault.Conflict($"The override has run out at {asked.Until:u}. Ask for another one.");
            }

            var confirm = new { id, by, at = now.UtcDateTime };
            await transaction.Connection.ExecuteAsync(new CommandDefinition(ConfirmSql, confirm, transaction.Inner, cancellationToken: cancellation));
            var text = $"The override for {Of(asked)} until {asked.Until:u}, asked for by {asked.AskedBy}, is confirmed.";
            return new Written<Override>(
                asked with { ConfirmedBy = by, ConfirmedAt = now }, (by, FreezeStore.RuleOf(name), text, asked.Reason));
        },
        cancellation);

    /// <summary>Of a freeze, newest first.</summary>
    public async Task<IReadOnlyList<Override>> List(Guid freeze, Guid? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, new { freeze, before, limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToOverride())];
    }

    private static string Of(Override one) => one.Scope is null ? $"all scopes of {one.Application}" : $"{one.Application}/{one.Scope}";

    private static Task<T?> One<T>(ITransaction transaction, string sql, object parameters, CancellationToken cancellation)
        where T : class => transaction.Connection.QuerySingleOrDefaultAsync<T>(
            new CommandDefinition(sql, parameters, transaction.Inner, cancellationToken: cancellation));

    internal sealed record Row(
        Guid Id,
        Guid FreezeId,
        string Application,
        string? Scope,
        DateTime Until,
        string Reason,
        string AskedBy,
        DateTime AskedAt,
        string? ConfirmedBy,
        DateTime? ConfirmedAt)
    {
        public Override ToOverride() => new(
            Id,
            FreezeId,
            ApplicationName.Parse(Application),
            Scope is null ? null : ScopeName.Parse(Scope),
            new(Until),
            Reason,
            AskedBy,
            new(AskedAt),
            ConfirmedBy,
            ConfirmedAt is { } at ? new DateTimeOffset(at) : null);
    }
}
