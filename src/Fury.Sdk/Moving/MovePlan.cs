using Fury.Sdk.Bindings;

namespace Fury.Sdk.Moving;

/// <summary>The steps of a move; each may be repeated, and is done before the next begins.</summary>
internal enum MoveStep
{
    /// <summary>All is as it was; the gates are looked at.</summary>
    Check = 1,
    Prepare = 2,
    Copy = 3,
    Verify = 4,
    Settle = 5,

    /// <summary>The target alone is bound.</summary>
    Switch = 6,

    /// <summary>What is left of the move is removed from both stores, and with it the way back.</summary>
    Clean = 7,
    Moved = 8,

    /// <summary>The first step of the way back.</summary>
    Hold = 11,
    Return = 12,
    VerifyReturn = 13,
    Release = 14,

    /// <summary>The source alone is bound again.</summary>
    SwitchBack = 15,
    CleanBack = 16,
    Returned = 17,

    /// <summary>Of an evacuation: nobody uses the source any more, and nobody the target yet.</summary>
    Fence = 21,

    /// <summary>The target alone is bound.</summary>
    TakeOver = 22,
    Evacuated = 23,
}

/// <summary>What is done within a step, once every instance works by its binding.</summary>
internal enum MoveWork
{
    None = 0,
    Gates = 1,
    CopyAll = 2,
    VerifyAll = 3,
    Purge = 4,

    /// <summary>Copies of what is large, before anything is handed over.</summary>
    CopyAhead = 5,
}

/// <summary>How far a move is. Whoever goes on needs nothing else.</summary>
/// <param name="Epoch">Of the binding that is in force, or is being brought into force.</param>
/// <param name="Cursor">Where in the pass over all keys; null at its start.</param>
/// <param name="Keys">How many keys the pass has seen.</param>
internal sealed record MoveState(string Service, MoveStep Step, long Epoch, string? Cursor = null, long Keys = 0);

/// <summary>The order of the steps, and what each is: pure, so that a saga runs it.</summary>
internal static class MovePlan
{
    public static MoveStep Next(MoveStep step) => step switch
    {
        MoveStep.Moved or MoveStep.Returned or MoveStep.Evacuated => step,
        _ => step + 1,
    };

    public static bool IsOver(MoveStep step) => step is MoveStep.Moved or MoveStep.Returned or MoveStep.Evacuated;

    /// <summary>The way back from a step; null where there is none, because nothing has begun, it is over, or the way back was taken already.</summary>
    public static MoveStep? Back(MoveStep step) => step switch
    {
        MoveStep.Prepare => MoveStep.SwitchBack,
        MoveStep.Copy or MoveStep.Verify or MoveStep.Settle => MoveStep.Hold,
        _ => null,
    };

    /// <summary>The phase of its binding; null: one of the stores alone.</summary>
    public static MovePhase? Phase(MoveStep step) => step switch
    {
        MoveStep.Prepare or MoveStep.Release => MovePhase.Preparing,
        MoveStep.Copy or MoveStep.Verify => MovePhase.Moving,
        MoveStep.Settle => MovePhase.Settling,
        MoveStep.Hold => MovePhase.Holding,
        MoveStep.Return or MoveStep.VerifyReturn => MovePhase.Returning,
        MoveStep.Fence => MovePhase.Evacuated,
        _ => null,
    };

    public static MoveWork Work(MoveStep step) => step switch
    {
        MoveStep.Check => MoveWork.Gates,
        MoveStep.Prepare => MoveWork.CopyAhead,
        MoveStep.Copy or MoveStep.Return => MoveWork.CopyAll,
        MoveStep.Verify or MoveStep.VerifyReturn => MoveWork.VerifyAll,
        MoveStep.Clean or MoveStep.CleanBack => MoveWork.Purge,
        _ => MoveWork.None,
    };

    /// <summary>A binding is another one than that of the step before, so its epoch is one more.</summary>
    public static bool Switches(MoveStep from, MoveStep to) => Phase(from) != Phase(to);

    /// <summary>The binding of a step.</summary>
    /// <param name="source">The binding before the move.</param>
    public static ServiceBinding Binding(MoveState state, ServiceBinding source, ServiceRoute target)
    {
        var next = source with { Epoch = state.Epoch, TokenEpoch = source.TokenEpoch ?? source.Epoch };
        return Phase(state.Step) is { } phase
            // Objects have no revision that names their write, so the target's are told from the source's from the first.
            ? next with { Move = new BindingMove(source.Kind == ServiceKind.Objects ? After(target, source) : target, phase) }
            : state.Step is MoveStep.Switch or MoveStep.Clean or MoveStep.Moved ? next with { Route = After(target, source) }
            // What counters the source has given nobody may be able to ask: tokens grow by the epoch.
            : state.Step is MoveStep.TakeOver or MoveStep.Evacuated ? next with { Route = After(target, source), TokenEpoch = null }
            : next;
    }

    /// <summary>What tells a move from others of the service, by the binding before it.</summary>
    public static string NameOf(ServiceBinding source) => $"m{source.Epoch}";

    /// <summary>The target as it is bound after the move: its revisions are told from those that were given before.</summary>
    private static ServiceRoute After(ServiceRoute target, ServiceBinding source) => target with
    {
        Dialect = new Dictionary<string, string>(target.Dialect) { [MovingDrivers.RevisionsOf(source.Kind)] = NameOf(source) },
    };
}
