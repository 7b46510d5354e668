using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>How a scope is moved to its candidate.</summary>
public enum Strategy
{
    /// <summary>All traffic at once, as soon as the candidate is ready.</summary>
    AllIn,

    /// <summary>The whole candidate beside the current pool; one shift; judged and baked while the current pool stays warm.</summary>
    BlueGreen,

    /// <summary>Back to a release that has served: capacity first, one shift, no experiment.</summary>
    Rollback,
}

/// <summary>The states of a deployment. <see cref="Done"/>, <see cref="RolledBack"/> and <see cref="Aborted"/> absorb.</summary>
public enum DeploymentPhase
{
    /// <summary>Accepted; nothing was asked of the world yet.</summary>
    Admitted,

    /// <summary>The candidate pool is being started.</summary>
    Provisioning,

    /// <summary>The table that sends traffic to the candidate is being published.</summary>
    Shifting,

    /// <summary>Waiting until every live proxy has applied it.</summary>
    Converging,

    /// <summary>The candidate has traffic and is held against the guards.</summary>
    Judging,

    /// <summary>Accepted; the old pool is kept warm a while longer, the guards stay on.</summary>
    Baking,

    /// <summary>The old pool is out of the table; its last requests end.</summary>
    Draining,

    /// <summary>The old pool is being taken down.</summary>
    Retiring,

    /// <summary>On the way back: the current pool's capacity is made sure of first.</summary>
    RestoringCapacity,

    /// <summary>On the way back: the table that sends all traffic to the current pool is being published.</summary>
    ShiftingBack,

    /// <summary>On the way back: waiting until every live proxy has applied it.</summary>
    ConvergingBack,

    /// <summary>On the way back: the candidate is out of the table; its last requests end.</summary>
    DrainingBack,

    /// <summary>On the way back: the candidate is being taken down.</summary>
    RetiringCandidate,

    Done,
    RolledBack,
    Aborted,
}

/// <summary>
/// What is done when <see cref="Policy.ConvergeSeconds"/> are over and proxies that use the scope still have not applied its table: they have refused it,
/// are gone, or do not answer.
/// </summary>
public enum WhenUnconverged
{
    /// <summary>Forward the deployment turns back. A pool that leaves is kept until they allow it; the deployment ends, naming them.</summary>
    TurnBack,

    /// <summary>Waits on for days, naming them, until they have applied it or are forgotten, or the deployment is aborted.</summary>
    Wait,

    /// <summary>Goes on without them. A pool that leaves is taken down though they may still send to it: their requests may fail.</summary>
    GoOn,
}

/// <summary>The limits of a deployment. Every span is in seconds.</summary>
/// <param name="ProvisionSeconds">How long the candidate may take to become ready, 1 to 86400.</param>
/// <param name="ConvergeSeconds">How long proxies may take to apply a table, 1 to 86400; <paramref name="WhenUnconverged"/> says what then.</param>
/// <param name="JudgeSeconds">How long the candidate is judged, 0 (not at all) to 86400.</param>
/// <param name="BakeSeconds">How long the old pool is kept warm after that, 0 to 86400.</param>
/// <param name="DrainSeconds">How long in-flight requests of a pool that leaves may take, 0 to 86400.</param>
/// <param name="MaxErrorPercent">The guard: the share of the candidate's requests that may fail, 0 to 100.</param>
/// <param name="MinRequests">How many requests a verdict needs, at least 1. With fewer, "no evidence" is what the record says.</param>
/// <param name="MaxRestarts">How many crashes of candidate replicas are forgiven, at least 0.</param>
/// <param name="WhenUnconverged">What is done with proxies that take longer than that; deployments from before it was known turn back.</param>
public sealed record Policy(
    int ProvisionSeconds,
    int ConvergeSeconds,
    int JudgeSeconds,
    int BakeSeconds,
    int DrainSeconds,
    double MaxErrorPercent,
    int MinRequests,
    int MaxRestarts,
    WhenUnconverged WhenUnconverged = WhenUnconverged.TurnBack);

/// <summary>What a caller may set of a policy; what is null has the strategy's default.</summary>
/// <param name="WhenUnconverged"><c>turn-back</c>, <c>wait</c> or <c>go-on</c>.</param>
public sealed record PolicyRequest(
    int? ProvisionSeconds = null,
    int? ConvergeSeconds = null,
    int? JudgeSeconds = null,
    int? BakeSeconds = null,
    int? DrainSeconds = null,
    double? MaxErrorPercent = null,
    int? MinRequests = null,
    int? MaxRestarts = null,
    string? WhenUnconverged = null);

/// <summary>What to do when the scope has a deployment in progress.</summary>
public enum WhenBusy
{
    /// <summary>Refuse with the id of the one in progress.</summary>
    Refuse,

    /// <summary>Abort the one in progress and begin once it has gone back.</summary>
    Replace,
}

/// <summary>The wish for a deployment.</summary>
/// <param name="Version">A version of the application; frozen with the scope's settings of this moment.</param>
/// <param name="Strategy"><c>all-in</c> or <c>blue-green</c>.</param>
/// <param name="By">Who asks, 1 to 100 printable characters; they can not approve it themselves. Nobody checks it yet.</param>
public sealed record DeploymentRequest(
    string? Version, string? Strategy, PolicyRequest? Policy = null, string? WhenBusy = null, string? By = null);

/// <summary>The wish to go back.</summary>
/// <param name="To">A release id; null for the release before the current one.</param>
/// <param name="By">As in <see cref="DeploymentRequest"/>.</param>
public sealed record RollbackRequest(string? To = null, PolicyRequest? Policy = null, string? WhenBusy = null, string? By = null);

/// <summary>A deployment as it stands.</summary>
/// <param name="From">The release that was current when it began; null for the first deployment of a scope.</param>
/// <param name="Reason">Why it is where it is, in one sentence.</param>
/// <param name="Deadline">When the present phase ends by itself, and how is in <paramref name="Reason"/>; null in a terminal phase.</param>
/// <param name="Revision">The number of events so far; each change is one more.</param>
public sealed record Deployment(
    DeploymentId Id,
    ScopeRef Scope,
    Strategy Strategy,
    DeploymentPhase Phase,
    ReleaseId? From,
    ReleaseId To,
    VersionName Version,
    PoolId? CurrentPool,
    PoolId CandidatePool,
    Policy Policy,
    string? Reason,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? Deadline,
    long Revision)
{
    /// <summary>Who has asked for it; null when they did not say.</summary>
    public string? AskedBy { get; init; }

    public bool Ended => Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted;
}

/// <summary>One entry of a deployment's history. Stream, CLI, web page and audit all read this one.</summary>
/// <param name="Number">1 for the first event of the deployment; gapless. It is the id of the server-sent event.</param>
/// <param name="Phase">The phase after the event.</param>
/// <param name="Message">What happened, in one sentence.</param>
/// <param name="Data">The numbers behind it: weights, versions, requests, errors, thresholds.</param>
public sealed record DeploymentEvent(
    DeploymentId Deployment,
    long Number,
    DateTimeOffset At,
    DeploymentPhase Phase,
    string Message,
    IReadOnlyDictionary<string, string> Data);

/// <summary>A deployment has a new event.</summary>
public sealed record DeploymentAdvanced(DeploymentId Deployment, ScopeRef Scope, DeploymentEvent Event) : IEvent
{
    public string Key => Deployment.ToString();
}

/// <summary>What a scope runs now, for people: its pools with their share of the traffic, and the deployment in progress.</summary>
/// <param name="Address">Where a client reaches the scope.</param>
public sealed record ScopeStatus(
    ScopeRef Scope,
    Uri Address,
    ReleaseId? Current,
    VersionName? Version,
    long RoutingVersion,
    IReadOnlyList<PoolStatus> Pools,
    Deployment? InProgress)
{
    /// <summary>Since when it runs no replica because no request comes; null while it is awake. The next request wakes it.</summary>
    public DateTimeOffset? AsleepSince { get; init; }
}

/// <param name="Phase">Of the pool: active, retiring.</param>
/// <param name="Weight">Percent of the scope's traffic, with at most two decimals.</param>
/// <param name="Problem">Why replicas are missing; null when all is well.</param>
public sealed record PoolStatus(
    PoolId Id,
    ReleaseId Release,
    VersionName Version,
    string Location,
    string Phase,
    decimal Weight,
    int Ready,
    int Wanted,
    IReadOnlyList<ReplicaStatus> Replicas,
    long Requests,
    long Errors,
    long Failures,
    int InFlight,
    string? Problem);

public sealed record ReplicaStatus(InstanceId Id, string Phase, string? Address, int Port, int Restarts, string? Reason);
