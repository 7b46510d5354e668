namespace Fury.Sdk.Platform;

/// <summary>The wish for a deployment.</summary>
/// <param name="Version">Null: the one that the scope runs, with its settings as they are now.</param>
/// <param name="Strategy"><c>all-in</c>, <c>blue-green</c>, <c>canary</c>, <c>safe</c> or <c>migration</c>.</param>
public sealed record DeploymentWish(string? Version, string Strategy)
{
    /// <summary>What is null has the strategy's default.</summary>
    public DeploymentLimits? Policy { get; init; }

    /// <summary>When one is in progress: <c>refuse</c> (null too), <c>replace</c> or <c>queue</c>.</summary>
    public string? WhenBusy { get; init; }

    /// <summary>Of a canary, a safe deployment or a migration: the steps instead of the strategy's own. The last one has weight 100.</summary>
    public IReadOnlyList<StepWish>? Steps { get; init; }

    /// <summary>Of a scope's first deployment: where it is to run.</summary>
    public IReadOnlyList<PlaceWish>? Locations { get; init; }

    /// <summary>Of a migration: the location that is left.</summary>
    public string? From { get; init; }

    /// <summary>Of a migration: the location that it goes to.</summary>
    public string? To { get; init; }

    /// <summary>Of a migration: how many replicas there do the work of one here.</summary>
    public decimal? ReplicaRatio { get; init; }

    /// <summary>Who asks.</summary>
    public string? By { get; init; }
}

/// <summary>The wish to go back.</summary>
/// <param name="To">A release; null: the one before the present one.</param>
public sealed record RollbackWish(string? To = null)
{
    public DeploymentLimits? Policy { get; init; }

    public string? WhenBusy { get; init; }

    /// <summary>Who asks.</summary>
    public string? By { get; init; }
}

/// <summary>The limits of a deployment; spans are in seconds, what is null has the strategy's default.</summary>
public sealed record DeploymentLimits
{
    /// <summary>How long the candidate may take to become ready.</summary>
    public int? ProvisionSeconds { get; init; }

    /// <summary>How long proxies may take to apply a table.</summary>
    public int? ConvergeSeconds { get; init; }

    public int? JudgeSeconds { get; init; }

    /// <summary>How long the old pool is kept warm.</summary>
    public int? BakeSeconds { get; init; }

    public int? DrainSeconds { get; init; }

    public double? MaxErrorPercent { get; init; }

    public int? MinRequests { get; init; }

    public int? MaxRestarts { get; init; }

    /// <summary><c>turn-back</c>, <c>wait</c> or <c>go-on</c>.</summary>
    public string? WhenUnconverged { get; init; }

    public int? StepDeadlineSeconds { get; init; }

    public int? HoldSeconds { get; init; }

    public int? HeadroomPercent { get; init; }

    /// <summary><c>rollback</c> or <c>hold</c>.</summary>
    public string? OnFail { get; init; }

    public double? ToleratedRatio { get; init; }

    public double? MaxP99Ms { get; init; }

    public double? ExtraLatencyMs { get; init; }
}

/// <summary>A step of the traffic.</summary>
/// <param name="Weight">The candidate's percent of each location, 0 to 100.</param>
/// <param name="Gate"><c>timed</c>, <c>manual</c> or <c>evidence</c>.</param>
public sealed record StepWish(
    decimal Weight,
    string? Gate = null,
    int? Seconds = null,
    int? DeadlineSeconds = null,
    string? OnFail = null,
    decimal? Capacity = null,
    IReadOnlyList<string>? Locations = null);

/// <param name="Location"><c>provider/region/group</c>.</param>
/// <param name="Share">Its percent of the traffic; null for all: the same for each.</param>
public sealed record PlaceWish(string Location, decimal? Share = null);

/// <summary>What may be asked of a deployment in progress.</summary>
public enum DeploymentCommand
{
    /// <summary>Turn back, whatever the phase.</summary>
    Abort = 0,

    /// <summary>Keep the weights as they are.</summary>
    Hold = 1,

    /// <summary>Go on where it is held.</summary>
    Resume = 2,

    /// <summary>Leave the present step whatever its gate says.</summary>
    Promote = 3,

    /// <summary>Go to the last step.</summary>
    PromoteFull = 4,

    /// <summary>Begin the present step again.</summary>
    RetryStep = 5,

    /// <summary>Begin with the first step again.</summary>
    RetryAll = 6,

    /// <summary>End a migration: what it has left is taken down.</summary>
    Finalise = 7,
}

/// <summary>The phases in which nothing more happens; of the others there may be more some day.</summary>
public static class DeploymentPhases
{
    public const string Done = "done";
    public const string RolledBack = "rolled-back";
    public const string Aborted = "aborted";

    internal static bool IsEnd(string phase) => phase is Done or RolledBack or Aborted;
}

/// <summary>A deployment as it stands.</summary>
public sealed record Deployment(Guid Id, ScopeRef Scope, string Strategy, string Phase, string Version, DateTimeOffset CreatedAt)
{
    /// <summary>The release that was current when it began; null for the first deployment of a scope.</summary>
    public string? From { get; init; }

    /// <summary>The release that it brings.</summary>
    public string? To { get; init; }

    public Guid? CurrentPool { get; init; }

    public Guid? CandidatePool { get; init; }

    /// <summary>Why it is where it is, in one sentence.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the present phase ends by itself.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The number of events so far.</summary>
    public long Revision { get; init; }

    /// <summary>The index of the step that it is in.</summary>
    public int Step { get; init; }

    /// <summary>The plan; empty until it begins.</summary>
    public IReadOnlyList<DeploymentStep> Steps { get => field ?? []; init; } = [];

    /// <summary>Where the scope is moved, and what stays where it is; empty until it begins.</summary>
    public IReadOnlyList<DeploymentLane> Lanes { get => field ?? []; init; } = [];

    public DeploymentHold? Held { get; init; }

    /// <summary>Who has asked for it; null when they did not say.</summary>
    public string? AskedBy { get; init; }

    /// <summary>What would help, while it is held or since it went back.</summary>
    public IReadOnlyList<DeploymentAdvice> Recommendations { get => field ?? []; init; } = [];

    /// <summary>Nothing more happens to it.</summary>
    public bool IsEnded => EndedAt is not null || DeploymentPhases.IsEnd(Phase);
}

/// <param name="Gate">When it is left: <c>timed</c>, <c>manual</c> or <c>evidence</c>.</param>
/// <param name="Replicas">Of the candidate, over all locations, that it needs.</param>
public sealed record DeploymentStep(
    IReadOnlyList<string>? Locations, decimal Weight, string Gate, int MinSeconds, int DeadlineSeconds, string OnFail, int Replicas);

/// <summary>A location of the scope in a deployment.</summary>
/// <param name="Share">Its percent of the scope's traffic.</param>
/// <param name="Weight">The candidate's percent of that.</param>
public sealed record DeploymentLane(string Location, decimal Share, decimal Weight, Guid? Current, Guid? Candidate, bool IsBarred);

/// <summary>Why a deployment is held.</summary>
/// <param name="Cause"><c>operator</c>, <c>verdict</c>, <c>freeze</c> or <c>finalise</c>.</param>
public sealed record DeploymentHold(string Cause, string Why, DateTimeOffset Since);

/// <summary>Something to do that would help.</summary>
public sealed record DeploymentAdvice(string Kind, string Sentence, string? Action);

/// <summary>One entry of a deployment's history.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Phase">After it.</param>
/// <param name="Message">What happened, in one sentence.</param>
public sealed record DeploymentEvent(Guid Deployment, long Number, DateTimeOffset At, string Phase, string Message)
{
    /// <summary>The numbers behind it.</summary>
    public IReadOnlyDictionary<string, string> Data { get => field ?? new Dictionary<string, string>(); init; } = null!;
}

/// <summary>What a scope runs now.</summary>
/// <param name="Address">Where a client reaches it.</param>
/// <param name="Current">The release; null before the first deployment.</param>
public sealed record ScopeStatus(ScopeRef Scope, Uri Address, string? Current, string? Version, long RoutingVersion, Deployment? InProgress)
{
    public IReadOnlyList<PoolStatus> Pools { get => field ?? []; init; } = [];

    /// <summary>Since when it runs no replica because no request comes.</summary>
    public DateTimeOffset? AsleepSince { get; init; }
}

/// <param name="Weight">Percent of the scope's traffic.</param>
/// <param name="Problem">Why replicas are missing; null when all is well.</param>
public sealed record PoolStatus(
    Guid Id,
    string Release,
    string Version,
    string Location,
    string Phase,
    decimal Weight,
    int Ready,
    int Wanted,
    long Requests,
    long Errors,
    long Failures,
    int InFlight,
    string? Problem);
