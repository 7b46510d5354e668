using Dapper;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Pins;

/// <summary>Pins in PostgreSQL. Each change is one transaction, with a line on record.</summary>
internal sealed class PinStore(IDatabase database, RuleWriter writer)
{
    /// <summary>Every host reads all of them at each change of a rule.</summary>
    public const int PinsMax = 10_000;

    public const string AllSql = "select application, scope, reason, made_by, at from deployments.pin";

    private const string CountSql = "select count(*) from deployments.pin";

    private const string FindSql = $"{AllSql} where application = @application and scope = @scope";

    private const string PutSql = """
        insert into deployments.pin (application, scope, reason, made_by, at) values (@application, @scope, @reason, @by, @at)
        on conflict (application, scope) do update set reason = excluded.reason, made_by = excluded.made_by, at = excluded.at
        """;

    private const string LiftSql = """
        delete from deployments.pin where application = @application and scope = @scope
        returning application, scope, reason, made_by, at
        """;

    private const string ListSql = $"""
        {AllSql}
         where @application::text is null or (application, scope) > (@application, @scope)
         order by application, scope
         limit @limit
        """;

    /// <summary>
    /// The scope is pinned from now on; the same again by the same person changes nothing. <see cref="FaultKind.Exhausted"/> at <see cref="PinsMax"/>.
    /// </summary>
    public Task<Outcome<Written<Pin>>> Put(Pin wanted, CancellationToken cancellation) => writer.Write<Pin>(
        async (transaction, now) =>
        {
            var present = await One(transaction, FindSql, wanted.Scope, cancellation);
            if (present is not null && wanted with { At = present.At } == present)
            {
                return new Written<Pin>(present);
            }

            if (present is null && await transaction.Connection.ExecuteScalarAsync<long>(CountSql, transaction: transaction.Inner) >= PinsMax)
            {
                return new Fault(FaultKind.Exhausted, $"There are {PinsMax} pins, and no more are kept. Lift what is not needed.");
            }

            var pin = wanted with { At = now };
            var row = new
            {
                application = pin.Scope.Application.Value,
                scope = pin.Scope.Scope.Value,
                reason = pin.Reason,
                by = pin.By,
                at = now.UtcDateTime,
            };
            await transaction.Connection.ExecuteAsync(new CommandDefinition(PutSql, row, transaction.Inner, cancellationToken: cancellation));
            return new Written<Pin>(pin, (pin.By, RuleOf(pin.Scope), "Pinned.", pin.Reason), present is null);
        },
        cancellation);

    public Task<Outcome<Written<Pin>>> Lift(ScopeRef scope, string by, string reason, CancellationToken cancellation) => writer.Write<Pin>(
        async (transaction, _) => await One(transaction, LiftSql, scope, cancellation) is { } lifted
            ? new Written<Pin>(lifted, (by, RuleOf(scope), "Lifted.", reason))
            : Fault.NotFound("pin of scope", scope),
        cancellation);

    /// <summary>In the order of applications and scopes.</summary>
    public async Task<IReadOnlyList<Pin>> List(ScopeRef? after, int limit, CancellationToken cancellation)
    {
        var parameters = new { application = after?.Application.Value, scope = after?.Scope.Value, limit };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(ListSql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToPin())];
    }

    private static string RuleOf(ScopeRef scope) => $"pin {scope}";

    private static async Task<Pin?> One(ITransaction transaction, string sql, ScopeRef scope, CancellationToken cancellation)
    {
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value };
        return (await transaction.Connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(sql, parameters, transaction.Inner, cancellationToken: cancellation)))?.ToPin();
    }

    internal sealed record Row(string Application, string Scope, string Reason, string MadeBy, DateTime At)
    {
        public Pin ToPin() => new(new(ApplicationName.Parse(Application), ScopeName.Parse(Scope)), Reason, MadeBy, new(At));
    }
}
