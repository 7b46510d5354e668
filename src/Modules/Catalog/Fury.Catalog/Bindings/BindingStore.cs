using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>What is bound in a scope.</summary>
/// <param name="Revision">Grows with each change of a binding of the scope; 0 while there was none.</param>
internal sealed record ScopeBindings(long Revision, IReadOnlyList<ServiceBinding> Bindings);

/// <summary>The bindings of scopes. Every change is one transaction under the scope's row.</summary>
internal sealed class BindingStore(IDatabase database, IWake wake)
{
    internal const int NamedMax = 10;

    internal const string RevisionSql = "select bindings from catalog.scope where application = @application and name = @scope for update";

    private const string KnownSql =
        "select exists (select from catalog.service where application = @application and kind = @kind and name = @service)";

    internal const string LastSql = """
        select application, scope, kind, service, epoch, route, move, token_epoch, reason, bound_by, bound_at
          from catalog.binding
         where application = @application and scope = @scope and kind = @kind and service = @service
         order by epoch desc
         limit 1
        """;

    internal const string BehindSql = """
        select instance
          from catalog.binding_holder
         where application = @application and scope = @scope and kind = @kind and service = @service
           and epoch <> @epoch and refused is null and seen_at > now() - @silent
         order by seen_at
         limit @most
        """;

    internal const string InsertSql = """
        insert into catalog.binding (application, scope, kind, service, epoch, route, move, token_epoch, reason, bound_by, bound_at)
        values (@application, @scope, @kind, @service, @epoch, @route::jsonb, @move::jsonb, @tokenEpoch, @reason, @by, @at)
        """;

    internal const string RaiseSql = "update catalog.scope set bindings = bindings + 1 where application = @application and name = @scope";

    private const string MovesSql = """
        select exists (
            select from catalog.binding_move
             where application = @application and scope = @scope and kind = @kind and service = @service and not ended)
        """;

    private const string AllSql = """
        select bindings from catalog.scope where application = @application and name = @scope;
        select distinct on (kind, service) application, scope, kind, service, epoch, route, move, token_epoch, reason, bound_by, bound_at
          from catalog.binding
         where application = @application and scope = @scope
         order by kind, service, epoch desc
        """;

    private const string RevisionsSql = """
        select application, name as scope, bindings as revision
          from catalog.scope
          join unnest(@applications, @scopes) as asked (application, name) using (application, name)
        """;

    /// <summary>
    /// Binds it from the next epoch on, or binds nothing to it from then on, in which case instances keep what they have; or finds it so.
    /// <see cref="FaultKind.Conflict"/> while instances that live have neither taken the present epoch nor refused it: at most two epochs are in use at the
    /// same time. <see cref="FaultKind.NotFound"/> without the scope or the service, or when there is nothing to take back.
    /// </summary>
    public Task<Outcome<Put<ServiceBinding>>> Put(BindingWish wish, DateTimeOffset now, CancellationToken cancellation) =>
        database.Transaction<Put<ServiceBinding>>(async tx =>
        {
            var (scope, kind, service) = wish.Name;
            var name = new { application = scope.Application.Value, scope = scope.Scope.Value, kind = Word.Of(kind), service = service.Value };
            CommandDefinition Command(string sql, object parameters) => new(sql, parameters, tx.Inner, cancellationToken: cancellation);
            if (await tx.Connection.QuerySingleOrDefaultAsync<long?>(Command(RevisionSql, name)) is null)
            {
                return Fault.NotFound("scope", scope);
            }

            if (!await tx.Connection.ExecuteScalarAsync<bool>(Command(KnownSql, name)))
            {
                return Fault.NotFound($"{Word.Of(kind)} service", $"{scope.Application}/{service}");
            }

            if (await tx.Connection.ExecuteScalarAsync<bool>(Command(MovesSql, name)))
            {
                return Fault.Conflict(
                    $"The data of {service} moves, and until it is there its binding is the move's alone. See how far it is: fury service moves; or turn "
                    + "it round: fury service move --back.");
            }

            var last = (await tx.Connection.QuerySingleOrDefaultAsync<Row>(Command(LastSql, name)))?.ToBinding();
            if (last?.Route == wish.Route)
            {
                return last?.Route is null ? Fault.NotFound("binding", wish.Name) : new Put<ServiceBinding>(last, false);
            }

            if (last is not null && !wish.EvenIfBehind && await Behind(last.Epoch) is { Count: > 0 } behind)
            {
                return Fault.Conflict(
                    $"Epoch {last.Epoch} of {service} is not in force in {string.Join(", ", behind)}{(behind.Count == NamedMax ? " and others" : "")}: the "
                    + "next one can begin when all have taken it, or were silent for long enough to be gone.");
            }

            var next = new ServiceBinding(scope, kind, service, (last?.Epoch ?? 0) + 1, wish.Route, wish.Reason, wish.By, now);
            await Insert(tx, next, cancellation);
            return new Put<ServiceBinding>(next, true);

            async Task<List<string>> Behind(long epoch) => [.. await tx.Connection.QueryAsync<string>(
                Command(BehindSql, new { name.application, name.scope, name.kind, name.service, epoch, silent = HolderStore.SilentMax, most = NamedMax }))];
        }, cancellation);

    /// <summary>Writes a further epoch, under the scope's row.</summary>
    public async Task Insert(ITransaction tx, ServiceBinding next, CancellationToken cancellation)
    {
        var row = new
        {
            application = next.Scope.Application.Value,
            scope = next.Scope.Scope.Value,
            kind = Word.Of(next.Kind),
            service = next.Service.Value,
            epoch = next.Epoch,
            route = next.Route is null ? null : JsonSerializer.Serialize(next.Route, FuryJson.Options),
            move = next.Move is null ? null : JsonSerializer.Serialize(next.Move, FuryJson.Options),
            tokenEpoch = next.TokenEpoch,
            reason = next.Reason,
            by = next.By,
            at = next.At.UtcDateTime,
        };
        await tx.Connection.ExecuteAsync(new CommandDefinition(InsertSql, row, tx.Inner, cancellationToken: cancellation));
        await tx.Connection.ExecuteAsync(new CommandDefinition(RaiseSql, row, tx.Inner, cancellationToken: cancellation));
        tx.AfterCommit(() => wake.Reconciler(BindingNews.ReconcilerName));
    }

    /// <summary>What is bound now, by kind and name; <see cref="FaultKind.NotFound"/> without the scope.</summary>
    public async Task<Outcome<ScopeBindings>> All(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new { application = scope.Application.Value, scope = scope.Scope.Value };
        await using var both = await connection.QueryMultipleAsync(new CommandDefinition(AllSql, parameters, cancellationToken: cancellation));
        var revision = await both.ReadSingleOrDefaultAsync<long?>();
        var bindings = (await both.ReadAsync<Row>()).Where(row => row.Route is not null).Select(row => row.ToBinding());
        return revision is { } known ? new ScopeBindings(known, [.. bindings]) : Fault.NotFound("scope", scope);
    }

    /// <summary>The revisions of those of these scopes that there are.</summary>
    public async Task<IReadOnlyDictionary<ScopeRef, long>> Revisions(IReadOnlyCollection<ScopeRef> scopes, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var parameters = new
        {
            applications = scopes.Select(scope => scope.Application.Value).ToArray(),
            scopes = scopes.Select(scope => scope.Scope.Value).ToArray(),
        };
        var rows = await connection.QueryAsync<(string Application, string Scope, long Revision)>(
            new CommandDefinition(RevisionsSql, parameters, cancellationToken: cancellation));
        return rows.ToDictionary(row => new ScopeRef(ApplicationName.Parse(row.Application), ScopeName.Parse(row.Scope)), row => row.Revision);
    }

    internal sealed record Row(
        string Application, string Scope, string Kind, string Service, long Epoch, string? Route, string? Move, long? TokenEpoch, string Reason,
        string BoundBy, DateTime BoundAt)
    {
        public ServiceBinding ToBinding() => new(
            new(ApplicationName.Parse(Application), ScopeName.Parse(Scope)),
            Word.Read<ServiceKind>(Kind),
            ServiceName.Parse(Service),
            Epoch,
            Route is null ? null : JsonSerializer.Deserialize<ServiceRoute>(Route, FuryJson.Options),
            Reason,
            BoundBy,
            BoundAt)
        {
            Move = Move is null ? null : JsonSerializer.Deserialize<BindingMove>(Move, FuryJson.Options),
            TokenEpoch = TokenEpoch,
        };
    }
}
