using System.Text.Json.Serialization;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

internal enum CampaignState
{
    Running,

    /// <summary>Nothing more begins until somebody resumes it.</summary>
    Stopped,

    /// <summary>Every target has had its turn.</summary>
    Done,
    Aborted,
}

/// <summary>What becomes of deployments in flight when the campaign stops.</summary>
internal enum OnStop
{
    /// <summary>They go on, each by its own judge.</summary>
    Finish,

    /// <summary>They are aborted.</summary>
    Abort,
}

/// <summary>
/// One change for many scopes: deployments in waves, each of which begins when the one before has ended, until too many of them fail.
/// </summary>
/// <param name="By">Who asks for its deployments.</param>
/// <param name="Waves">Their sizes, all of them: the sum is the number of targets.</param>
/// <param name="MaxConcurrent">So many deployments are in flight at once at most.</param>
/// <param name="StopAfter">So many more failures are allowed when it begins, and each time it is resumed; the last of them stops it.</param>
internal sealed record Campaign(
    Guid Id,
    string Name,
    string By,
    Strategy Strategy,
    PolicyRequest? Policy,
    IReadOnlyList<int> Waves,
    int MaxConcurrent,
    int StopAfter,
    OnStop OnStop,
    DateTimeOffset CreatedAt)
{
    public CampaignState State { get; init; }

    /// <summary>The index of the wave whose turn it is.</summary>
    public int Wave { get; init; }

    /// <summary>It stops at so many failures.</summary>
    public int Allowed { get; init; } = StopAfter;

    /// <summary>Why it is as it is, in a sentence or two.</summary>
    public string Why { get; init; } = "";

    /// <summary>Nothing of it is in flight, and nothing begins any more.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    [JsonIgnore]
    public bool IsInLastWave => Wave == Waves.Count - 1;

    /// <summary>The idempotency key of a target's deployment: a target is deployed once, whoever tries again.</summary>
    public string KeyOf(ScopeRef scope) => $"{KeyPrefix(Id)}{scope}";

    public static string KeyPrefix(Guid id) => $"campaign-{id}-";

    public DeploymentRequest RequestOf(Target target) => new(target.Version?.Value, Word.Of(Strategy), Policy) { By = By };
}

internal enum TargetState
{
    Waiting,
    Running,
    Done,

    /// <summary>The platform has turned its deployment back, or it could not begin.</summary>
    Failed,

    /// <summary>People did not want it: its version is vetoed, its scope pinned, its deployment or the campaign was aborted.</summary>
    Skipped,
}

/// <summary>A scope of a campaign.</summary>
/// <param name="Place">Its turn, from 0.</param>
/// <param name="Version">Null: the version that it runs, with its settings as they are then.</param>
internal sealed record Target(int Place, int Wave, ScopeRef Scope, VersionName? Version)
{
    public TargetState State { get; init; }

    public DeploymentId? Deployment { get; init; }

    /// <summary>Why it failed, is skipped, or still waits.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when it is refused for now; null: it was not tried yet.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? TriedAt { get; init; }

    [JsonIgnore]
    public bool IsOpen => State is TargetState.Waiting or TargetState.Running;
}

/// <summary>A target and its deployment. That is looked for by its key, so what a crash has kept off the record is seen too.</summary>
/// <param name="Deployment">Null: there is none.</param>
internal sealed record TargetSeen(Target Target, DeploymentId? Deployment = null, DeploymentPhase Phase = default, string? Reason = null)
{
    public bool GoesBack => Phase >= DeploymentPhase.RestoringCapacity;
}

/// <param name="Open">The targets of the present wave that wait or run, in the order of their turns.</param>
/// <param name="Failed">Of all waves.</param>
internal sealed record CampaignSeen(IReadOnlyList<TargetSeen> Open, IReadOnlyList<Target> Failed);

/// <summary>What is to be done next for a campaign.</summary>
internal abstract record CampaignMove
{
    private CampaignMove()
    {
    }

    /// <summary>Write down what was seen of a target.</summary>
    public sealed record Note(Target Target) : CampaignMove;

    /// <summary>Start the target's deployment.</summary>
    public sealed record Begin(Target Target) : CampaignMove;

    /// <summary>Abort a deployment in flight.</summary>
    public sealed record TakeBack(DeploymentId Deployment, string Why) : CampaignMove;

    /// <summary>The campaign's next wave, its stop or its end.</summary>
    public sealed record Turn(Campaign Next) : CampaignMove;
}
