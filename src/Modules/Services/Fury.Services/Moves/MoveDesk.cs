using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Sdk.Moving;

namespace Fury.Services.Moves;

/// <summary>What people say of moves.</summary>
internal sealed class MoveDesk(
    MoveStore store, MoveGate gate, IBindingMoves bindings, IDatabase database, ILittleMonster sagas, TimeProvider clock)
{
    /// <summary>
    /// Begins a move; when this returns it goes on by itself. <see cref="FaultKind.Conflict"/> with all reasons when a gate is closed, or while another move of
    /// the service is under way.
    /// </summary>
    public async Task<Outcome<MoveView>> Begin(MoveWish wish, CancellationToken cancellation)
    {
        var found = await bindings.Find(wish.Service, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        if (await store.Newest(wish.Service, cancellation) is { IsUnderWay: true } other)
        {
            return wish.Evacuate > 0 ? await Evacuate(wish, other, cancellation) : UnderWay(other);
        }

        var bound = found.Value;
        wish = wish.AsBound(bound.Route!);
        if (await gate.Look(wish, bound, cancellation) is { } closed)
        {
            return closed;
        }

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var begun = await database.Transaction<SagaId>(async tx =>
        {
            var started = await sagas.Start<MoveData, MoveInput>(tx, $"{id}", new(id, $"{wish.Service}"), cancellation);
            if (!started.IsOk)
            {
                return started.Fault;
            }

            var source = new MoveSource(bound.Epoch, bound.Route!, bound.TokenEpoch);
            return await MoveStore.Insert(tx, id, wish, source, started.Value, new(wish.Service.Service.Value, MoveStep.Check, bound.Epoch))
                ? started.Value
                : Fault.Conflict($"Another move of {wish.Service} has just begun: fury service moves.");
        }, cancellation);
        return begun.IsOk ? (await store.Find(id, cancellation))!.View : begun.Fault;
    }

    /// <summary>Leaves the source of a move that is under way at once; once more, of a queue: with what it still has.</summary>
    private async Task<Outcome<MoveView>> Evacuate(MoveWish wish, Move move, CancellationToken cancellation)
    {
        // Where no way is named, it is that of the move.
        var target = wish.Through(move.Wish.Target.Transport).Target;
        var isAgain = move.Wish.Evacuate > 0 && move.Service.Kind == ServiceKind.Queue && !Move.IsOnWayBack(move.State.Step);
        if (target != move.Wish.Target || !(isAgain || Move.CanEvacuateFrom(move.State.Step)) || move.Service.Kind == ServiceKind.Sequences)
        {
            return UnderWay(move);
        }

        await store.WantEvacuation(move.Id, isAgain ? 2 : 1, cancellation);
        var now = (await store.Find(move.Id, cancellation))!;
        if (now.Wish.Evacuate == 0)
        {
            // It has gone on, or turned round, since it was looked at.
            return UnderWay(now);
        }

        sagas.Nudge(now.Saga);
        return now.View;
    }

    /// <summary>Turns a move round. Again it is the same.</summary>
    public async Task<Outcome<MoveView>> Back(BoundService service, CancellationToken cancellation)
    {
        if (await store.Newest(service, cancellation) is not { } move)
        {
            return Fault.NotFound("move", service);
        }

        if (!move.View.GoesBack && !(move.IsUnderWay && move.HasWayBack && await store.WantBack(move.Id, cancellation)))
        {
            return Fault.Conflict(
                !move.IsUnderWay ? $"The move of {service} is over: {Word.Of(move.Outcome!.Value)}."
                : move.Wish.Evacuate > 0 ? $"The move of {service} leaves its source, and does not come back; let it end, and move again."
                : $"The move of {service} is at the step {Word.Of(move.State.Step)}, from which there is no way back; let it end, and move again.")
                .With("moveId", move.Id);
        }

        sagas.Nudge(move.Saga);
        return (await store.Find(move.Id, cancellation))!.View;
    }

    public async Task<Outcome<MoveView>> Find(BoundService service, CancellationToken cancellation) =>
        await store.Newest(service, cancellation) is { } move ? move.View : Fault.NotFound("move", service);

    public async Task<IReadOnlyList<MoveView>> All(ScopeRef scope, CancellationToken cancellation) =>
        [.. (await store.All(scope, cancellation)).Select(move => move.View)];

    private static Fault UnderWay(Move other) => Fault.Conflict(
        $"{other.Service} is being moved to {other.Wish.Target.Driver} ({other.Wish.Target.Resource}) already, and is at the step "
        + $"{Word.Of(other.State.Step)}: fury service moves.").With("moveId", other.Id);
}
