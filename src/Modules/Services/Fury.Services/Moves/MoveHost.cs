using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk.Moving;

namespace Fury.Services.Moves;

/// <summary>The step cannot go on yet; it is done again.</summary>
/// <param name="after">When to look again; null: as always.</param>
internal sealed class NotInForceException(string message, TimeSpan? after = null) : Exception(message)
{
    public TimeSpan? After { get; } = after;
}

/// <summary>What a move asks for, over the catalog and the store of moves, for one turn: what an earlier turn asks is refused by both.</summary>
internal sealed class MoveHost(Move move, MoveHand hand, IBindingMoves bindings, MoveStore store, MoveSettings settings) : IMoveHost
{
    /// <summary>The last that was saved.</summary>
    public MoveState State { get; private set; } = move.State;

    public async ValueTask PublishAsync(Sdk.Bindings.ServiceBinding binding, CancellationToken cancellation)
    {
        var wanted = binding.ToCatalog($"The data moves: {Word.Of(State.Step)}.", move.Wish.By);
        var published = await bindings.Publish(hand, move.Service, wanted, cancellation);
        if (!published.IsOk)
        {
            throw published.Fault.Kind == FaultKind.Stale
                ? new MoveTakenException(published.Fault.Message)
                : new NotInForceException(published.Fault.Message);
        }
    }

    /// <summary>Looks, and does not wait: whoever runs it comes again.</summary>
    public async ValueTask WaitUntilInForceAsync(long epoch, CancellationToken cancellation)
    {
        var following = await bindings.Following(move.Service, settings.SilentMax, cancellation);
        if (!following.IsOk)
        {
            throw new NotInForceException(following.Fault.Message);
        }

        var ((binding, inForce, behind), age) = following.Value;
        if (binding.Epoch != epoch)
        {
            throw new MoveTakenException($"Epoch {binding.Epoch} is bound, and not {epoch}.");
        }

        if (behind.Count > 0)
        {
            var first = behind.FirstOrDefault(each => each.Refused is not null) ?? behind[0];
            throw new NotInForceException(
                $"{first.Instance} works by epoch {first.Epoch} still{(first.Refused is null ? "" : $", and refuses {epoch}: {first.Refused}")}"
                + $"{(behind.Count > 1 ? $"; so do {behind.Count - 1} others" : "")}. Epoch {epoch} is in force in {inForce}.");
        }

        var least = Least(move.Service.Kind, State.Step, settings);
        if (age < least)
        {
            throw new NotInForceException($"A phase lasts {least.TotalSeconds:0.#} s at least, as long as a call may take.", least - age);
        }
    }

    /// <summary>
    /// How long a phase lasts. Of locks, where the next one asks a provider less: until those that it alone knows to be held are not held any more.
    /// </summary>
    public static TimeSpan Least(ServiceKind kind, MoveStep step, MoveSettings settings) =>
        kind == ServiceKind.Locks && step is (MoveStep.Settle or MoveStep.VerifyReturn or MoveStep.Fence) ? settings.LeaseMax : settings.PhaseMin;

    public async ValueTask SaveAsync(MoveState state, CancellationToken cancellation)
    {
        await store.Save(move.Id, hand.Token, state, cancellation);
        State = state;
    }
}
