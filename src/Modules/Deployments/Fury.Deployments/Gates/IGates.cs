using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>Where a deployment asks.</summary>
internal enum Checkpoint
{
    /// <summary>Before it asks anything of the world.</summary>
    Begin,

    /// <summary>On its way forward.</summary>
    GoOn,

    /// <summary>Before it does what can not be taken back by one change of routes.</summary>
    Finalise,
}

/// <summary>From the gentlest on.</summary>
internal enum Ruling
{
    Go,

    /// <summary>It ends the step that it is in, and holds then.</summary>
    FinishStep,

    /// <summary>It waits where it is.</summary>
    Hold,

    /// <summary>It turns back, or, if it has not begun, ends.</summary>
    TurnBack,
}

/// <param name="Why">In a sentence or two; null when it may go.</param>
/// <param name="Until">When the rules themselves would let it go; null: not known.</param>
internal sealed record GateStanding(Ruling Ruling, string? Why = null, DateTimeOffset? Until = null)
{
    public static GateStanding Go { get; } = new(Ruling.Go);
}

/// <summary>
/// The one door to the rules for deployments. Answers come from memory and are at most a second old, but for approvals, which are read where some are
/// needed. On the way back nothing is asked: a deployment may always go back.
/// </summary>
internal interface IGates
{
    /// <summary>The rules have changed: what was held may go, and the other way round. Raised on every host within a second.</summary>
    event Action? Changed;

    /// <summary>Why a deployment must not even be admitted: its version is vetoed, or its scope pinned. Null when it may.</summary>
    ValueTask<Fault?> Refusal(ScopeRef scope, VersionName version, Strategy strategy, CancellationToken cancellation);

    ValueTask<bool> IsVetoed(ApplicationName application, VersionName version, CancellationToken cancellation);

    /// <summary>Whether it may begin, go on or be finalised now. A rollback is stopped by a veto only.</summary>
    /// <param name="subject">Of <see cref="Subjects"/>, with every location of the deployment's plan.</param>
    Task<GateStanding> Of(DeploymentRecord deployment, Subject subject, Checkpoint gate, CancellationToken cancellation);

    /// <summary>The first freeze that a deployment of the subject would meet between the two moments, and when; null for none.</summary>
    ValueTask<(string Why, DateTimeOffset At)?> NextFreeze(Subject subject, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation);
}
