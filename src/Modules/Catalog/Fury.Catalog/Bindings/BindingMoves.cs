using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>Bindings while data moves. Every change is one transaction under the scope's row, as those of <see cref="BindingStore"/> are.</summary>
internal sealed class BindingMoves(IDatabase database, BindingStore bindings, HolderStore holders) : IBindingMoves
{
    private const string TakeSql = """
        insert into catalog.binding_move as kept (application, scope, kind, service, move, token, ended)
        values (@application, @scope, @kind, @service, @move, @token, false)
        on conflict (application, scope, kind, service) do update
           set move = excluded.move, token = excluded.token, ended = false
         where case when kept.move = excluded.move then not kept.ended and kept.token <= excluded.token else kept.ended end
        """;

    private const string HandSql = """
        select move, token, ended
          from catalog.binding_move
         where application = @application and scope = @scope and kind = @kind and service = @service
        """;

    private const string EndSql = """
        update catalog.binding_move set ended = true
         where application = @application and scope = @scope and kind = @kind and service = @service
        """;

    private const string AgeSql = """
        select now() - bound_at
          from catalog.binding
         where application = @application and scope = @scope and kind = @kind and service = @service and epoch = @epoch
        """;

    public async Task<Outcome<ServiceBinding>> Find(BoundService service, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var command = new CommandDefinition(BindingStore.LastSql, Name(service), cancellationToken: cancellation);
        return Bound(service, await connection.QuerySingleOrDefaultAsync<BindingStore.Row>(command));
    }

    public Task<Outcome<ServiceBinding>> Take(MoveHand hand, BoundService service, long? from, CancellationToken cancellation) =>
        Locked(service, async (tx, last) =>
        {
            if (from is { } first && last.Epoch != first)
            {
                return Fault.Conflict($"The move of {service} begins from epoch {first}, and epoch {last.Epoch} is bound by now; begin it again.");
            }

            var taken = await tx.Connection.ExecuteAsync(Command(tx, TakeSql, Name(service, hand), cancellation));
            return taken == 1 ? last : Refused(service, hand, await Held(tx, service, cancellation));
        }, cancellation);

    public Task<Outcome<ServiceBinding>> Publish(MoveHand hand, BoundService service, MoveBinding binding, CancellationToken cancellation) =>
        Locked(service, async (tx, last) =>
        {
            if (await Held(tx, service, cancellation) is var held && !Is(held, hand))
            {
                return Refused(service, hand, held);
            }

            if (binding.Epoch <= last.Epoch)
            {
                return last;
            }

            var asked = Name(service);
            asked.AddDynamicParams(new { epoch = last.Epoch, silent = HolderStore.SilentMax, most = BindingStore.NamedMax });
            if ((await tx.Connection.QueryAsync<string>(Command(tx, BindingStore.BehindSql, asked, cancellation))).ToList() is { Count: > 0 } behind)
            {
                return Fault.Conflict($"Epoch {last.Epoch} of {service} is not in force in {string.Join(", ", behind)}.");
            }

            var now = await tx.Connection.ExecuteScalarAsync<DateTime>(Command(tx, "select now()", new(), cancellation));
            var next = new ServiceBinding(
                service.Scope, service.Kind, service.Service, binding.Epoch, binding.Route, binding.Reason, binding.By, now)
            {
                Move = binding.Move,
                TokenEpoch = binding.TokenEpoch,
            };
            await bindings.Insert(tx, next, cancellation);
            return next;
        }, cancellation);

    public async Task<Outcome<BindingFollowing>> Following(BoundService service, TimeSpan silent, CancellationToken cancellation)
    {
        var found = await Find(service, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var asked = Name(service);
        asked.Add("epoch", found.Value.Epoch);
        await using var connection = await database.Open(cancellation);
        var age = await connection.ExecuteScalarAsync<TimeSpan>(new CommandDefinition(AgeSql, asked, cancellationToken: cancellation));
        return new BindingFollowing(await holders.Status(found.Value, silent, cancellation), age);
    }

    public Task<Outcome<ServiceBinding>> End(MoveHand hand, BoundService service, CancellationToken cancellation) =>
        Locked(service, async (tx, last) =>
        {
            var held = await Held(tx, service, cancellation);
            if (held is null || held.Move != hand.Move)
            {
                // It ended, and another has begun since; or it was refused when it began.
                return last;
            }

            if (held.Token > hand.Token)
            {
                return Refused(service, hand, held);
            }

            await tx.Connection.ExecuteAsync(Command(tx, EndSql, Name(service), cancellation));
            return last;
        }, cancellation);

    /// <summary>Does it with what is bound, under the scope's row.</summary>
    private Task<Outcome<ServiceBinding>> Locked(
        BoundService service, Func<ITransaction, ServiceBinding, Task<Outcome<ServiceBinding>>> act, CancellationToken cancellation) =>
        database.Transaction<ServiceBinding>(async tx =>
        {
            var name = Name(service);
            if (await tx.Connection.QuerySingleOrDefaultAsync<long?>(Command(tx, BindingStore.RevisionSql, name, cancellation)) is null)
            {
                return Fault.NotFound("scope", service.Scope);
            }

            var last = await tx.Connection.QuerySingleOrDefaultAsync<BindingStore.Row>(Command(tx, BindingStore.LastSql, name, cancellation));
            return await Bound(service, last).Then(bound => act(tx, bound));
        }, cancellation);

    private static async Task<Hand?> Held(ITransaction tx, BoundService service, CancellationToken cancellation) =>
        await tx.Connection.QuerySingleOrDefaultAsync<Hand>(Command(tx, HandSql, Name(service), cancellation));

    private static bool Is(Hand? held, MoveHand hand) => held is { Ended: false } && (held.Move, held.Token) == (hand.Move, hand.Token);

    private static Fault Refused(BoundService service, MoveHand hand, Hand? held) =>
        held is { Ended: false } && held.Move != hand.Move ? Fault.Conflict($"Another move of {service} is under way.")
        : held is { Ended: false } && held.Token > hand.Token ? Fault.Stale($"The move of {service} is in other hands since.")
        : Fault.Stale($"The move of {service} is over.");

    private static Outcome<ServiceBinding> Bound(BoundService service, BindingStore.Row? row) =>
        row is { Route: not null } ? row.ToBinding() : Fault.NotFound("binding", service);

    private static DynamicParameters Name(BoundService service, MoveHand? hand = null) => new(new
    {
        application = service.Scope.Application.Value,
        scope = service.Scope.Scope.Value,
        kind = Word.Of(service.Kind),
        service = service.Service.Value,
        move = hand?.Move,
        token = hand?.Token,
    });

    private static CommandDefinition Command(ITransaction tx, string sql, DynamicParameters parameters, CancellationToken cancellation) =>
        new(sql, parameters, tx.Inner, cancellationToken: cancellation);

    private sealed record Hand(Guid Move, long Token, bool Ended);
}
