using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>How instances work while data moves between two providers; the words are those of the SDK's bindings.</summary>
public enum MovePhase
{
    Preparing,
    Moving,
    Settling,
    Holding,
    Returning,
    Evacuated,
}

/// <summary>A move of a service's data: <see cref="ServiceBinding.Route"/> is where it comes from.</summary>
public sealed record BindingMove(ServiceRoute Target, MovePhase Phase);

/// <summary>Whoever has a move in hand.</summary>
/// <param name="Token">Grows whenever it changes hands: what is said with a lower one than was seen comes from somebody who is thought dead.</param>
public sealed record MoveHand(Guid Move, long Token);

/// <summary>The binding that a move brings into force.</summary>
/// <param name="Move">Null: the route alone.</param>
/// <param name="TokenEpoch">See <see cref="ServiceBinding.TokenEpoch"/>.</param>
/// <param name="Reason">For those who read it later.</param>
public sealed record MoveBinding(long Epoch, ServiceRoute Route, BindingMove? Move, long TokenEpoch, string Reason, string By);

/// <summary>Who follows a binding.</summary>
/// <param name="Age">How long ago it was published, by the database's clock.</param>
public sealed record BindingFollowing(BindingStatus Status, TimeSpan Age);

/// <summary>For whoever moves data: the only one who changes a binding while he does.</summary>
public interface IBindingMoves
{
    /// <summary>What is bound now; <see cref="FaultKind.NotFound"/> when nothing is.</summary>
    Task<Outcome<ServiceBinding>> Find(BoundService service, CancellationToken cancellation);

    /// <summary>
    /// Takes the move in hand; from the first time on until <see cref="End"/> nobody else changes the binding. <see cref="FaultKind.Stale"/> when somebody
    /// has it by a higher token, or when it has ended; <see cref="FaultKind.Conflict"/> while another move of the service is under way, or when another
    /// binding is in force than it begins from.
    /// </summary>
    /// <param name="from">The epoch that it begins from; null when it has begun.</param>
    Task<Outcome<ServiceBinding>> Take(MoveHand hand, BoundService service, long? from, CancellationToken cancellation);

    /// <summary>
    /// Gives the binding to all instances. An epoch that was published already, or one before it, changes nothing, and what is bound is returned.
    /// <see cref="FaultKind.Stale"/> when the move is in other hands; <see cref="FaultKind.Conflict"/> while instances that live have neither taken the
    /// present epoch nor refused it.
    /// </summary>
    Task<Outcome<ServiceBinding>> Publish(MoveHand hand, BoundService service, MoveBinding binding, CancellationToken cancellation);

    /// <summary>Which instances have what is bound now in force, and which have not.</summary>
    /// <param name="silent">Who was silent for longer is gone.</param>
    Task<Outcome<BindingFollowing>> Following(BoundService service, TimeSpan silent, CancellationToken cancellation);

    /// <summary>The move is over, and the binding is anybody's again. Again it is the same.</summary>
    Task<Outcome<ServiceBinding>> End(MoveHand hand, BoundService service, CancellationToken cancellation);
}
