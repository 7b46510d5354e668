using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Sdk.Moving;

namespace Fury.Services.Moves;

/// <summary>How a move has ended.</summary>
internal enum MoveOutcome
{
    /// <summary>The target alone is bound.</summary>
    Moved,

    /// <summary>The source was left at once, and the target alone is bound.</summary>
    Evacuated,

    /// <summary>It was turned round, and all is as it was.</summary>
    Returned,

    /// <summary>A gate was closed, or another binding was in force when it began: nothing was changed.</summary>
    Refused,
}

/// <summary>The binding before a move.</summary>
internal sealed record MoveSource(long Epoch, ServiceRoute Route, long? TokenEpoch);

/// <summary>A move as somebody wants it.</summary>
/// <param name="Target">Its transport is empty where none was named.</param>
/// <param name="Require">Names of the capabilities that the target must have.</param>
/// <param name="KeysPerSecond">The copier's rate at most; null: as fast as it goes.</param>
internal sealed record MoveWish(
    BoundService Service, ServiceRoute Target, IReadOnlyList<string> Require, double? KeysPerSecond, string Reason, string By)
{
    /// <summary>How the source is left: 0 with all that it has, 1 at once, 2 at once and with what a queue still has there.</summary>
    public int Evacuate { get; init; }

    /// <summary>Where no way is named, instances go by this one.</summary>
    public MoveWish Through(string transport) => Target.Transport.Length > 0 ? this : this with { Target = Target with { Transport = transport } };

    /// <summary>Where no way is named, instances go on by the one that is bound.</summary>
    public MoveWish AsBound(ServiceRoute bound) => Through(bound.Transport == ServiceRoute.Gateway ? ServiceRoute.Gateway : "direct");
}

/// <summary>A move as it is kept.</summary>
/// <param name="Seen">The most keys that a pass has seen.</param>
/// <param name="WantsBack">Somebody has said to turn round.</param>
/// <param name="WaitsFor">What the step waits for, in words.</param>
internal sealed record Move(
    Guid Id, MoveWish Wish, MoveSource Source, MoveState State, long Seen, bool WantsBack, string? WaitsFor, MoveOutcome? Outcome, SagaId Saga,
    DateTimeOffset BegunAt, DateTimeOffset ChangedAt, DateTimeOffset? EndedAt)
{
    public BoundService Service => Wish.Service;

    public bool IsUnderWay => EndedAt is null;

    /// <summary>What can still be turned round: also what has not begun.</summary>
    public bool HasWayBack => HasWayBackFrom(State.Step, Service.Kind);

    public MoveView View => new(
        Id, Service.Scope, Service.Kind, Service.Service, Source.Route, Wish.Target, State.Step, State.Epoch, Seen,
        IsOnWayBack(State.Step) || (WantsBack && HasWayBack), WaitsFor, Outcome, Saga, Wish.Reason, Wish.By, BegunAt,
        ChangedAt, EndedAt)
    {
        Evacuation = Wish.Evacuate > 0 ? EvacuationTerms.Of(Service.Kind) : null,
    };

    /// <summary>
    /// From there the source can be left at once: at the switch it is left already, what is cleaned after it is left out, and on the way back it has the data.
    /// </summary>
    public static bool CanEvacuateFrom(MoveStep step) => step is <= MoveStep.Settle or MoveStep.Clean;

    public static bool IsOnWayBack(MoveStep step) => step is >= MoveStep.Hold and <= MoveStep.Returned;

    public static bool HasWayBackFrom(MoveStep step, ServiceKind kind) => step == MoveStep.Check
        || (MovePlan.Back(step) is { } back && (kind != ServiceKind.Sequences || back == MoveStep.SwitchBack));
}

/// <summary>A move as people see it.</summary>
/// <param name="Step">
/// check, prepare, copy, verify, settle, switch, clean, moved; on the way back hold, return, verify-return, release, switch-back, clean-back, returned; of an
/// evacuation check, fence, take-over, evacuated.
/// </param>
/// <param name="Epoch">Of the binding that is in force, or is being brought into force.</param>
/// <param name="Keys">The most keys that a pass over the store has seen.</param>
/// <param name="GoesBack">It was turned round.</param>
/// <param name="WaitsFor">What the step waits for; null while it works.</param>
internal sealed record MoveView(
    Guid Id, ScopeRef Scope, ServiceKind Kind, ServiceName Service, ServiceRoute Source, ServiceRoute Target, MoveStep Step, long Epoch, long Keys,
    bool GoesBack, string? WaitsFor, MoveOutcome? Outcome, SagaId Saga, string Reason, string By, DateTimeOffset BegunAt, DateTimeOffset ChangedAt,
    DateTimeOffset? EndedAt)
{
    /// <summary>Null when nothing is left out.</summary>
    public EvacuationTerms? Evacuation { get; init; }
}
