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

    /// <summary>By steps of weight, each left by time, by hand or by evidence.</summary>
    Canary,

    /// <summary>By steps that evidence leaves, one location before the others, judged all the time; it goes back by itself or says what to change.</summary>
    Safe,

    /// <summary>The same release at another location or on another kind of compute; one table brings it back until it is finalised.</summary>
    Migration,
}

/// <summary>When a step is left.</summary>
public enum Gate
{
    /// <summary>When its time is over and nothing speaks against the candidate.</summary>
    Timed,

    /// <summary>When somebody promotes it.</summary>
    Manual,

    /// <summary>When the judge has enough evidence that the candidate is no worse than allowed.</summary>
    Evidence,
}

/// <summary>What is done when the candidate fails.</summary>
public enum OnFail
{
    /// <summary>The deployment turns back.</summary>
    Rollback,

    /// <summary>The weights stay as they are until somebody says what to do: the way back would be worse than the failure.</summary>
    Hold,
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

    /// <summary>The weights stay as they are, the judge keeps watching: until somebody resumes, promotes or aborts it, or what held it has passed.</summary>
    Held,

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
    WhenUnconverged WhenUnconverged = WhenUnconverged.TurnBack)
{
    /// <summary>How long a step may wait for evidence or for a person before it is held, 1 to 604800.</summary>
    public int StepDeadlineSeconds { get; init; } = 3_600;

    /// <summary>How long the deployment may be held before it turns back, 1 to 604800.</summary>
    public int HoldSeconds { get; init; } = 86_400;

    /// <summary>How much more than its share of the traffic needs the candidate gets, 0 to 200.</summary>
    public int HeadroomPercent { get; init; } = 20;

    public OnFail OnFail { get; init; }

    /// <summary>How many times the current's share of errors a candidate may have and still be no worse, 1 to 10.</summary>
    public double ToleratedRatio { get; init; } = 1.2;

    /// <summary>At most one of the candidate's requests in a hundred may take longer; null: there is no such limit.</summary>
    public double? MaxP99Ms { get; init; }

    /// <summary>Latency that the candidate is forgiven, 0 or more.</summary>
    public double ExtraLatencyMs { get; init; }

    /// <summary>Metrics of the application's own, at most 20.</summary>
    public IReadOnlyList<MetricPolicy> Metrics { get; init; } = [];
}

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
    /// <summary>Where the scope is moved, and what stays where it is; empty until it begins.</summary>
    public IReadOnlyList<LaneStatus> Lanes { get; init; } = [];

    /// <summary>The plan; empty until it begins.</summary>
    public IReadOnlyList<StepStatus> Steps { get; init; } = [];

    /// <summary>The index of the step that it is in.</summary>
    public int Step { get; init; }

    /// <summary>Why it is held; null while it is not.</summary>
    public HeldStatus? Held { get; init; }

    /// <summary>Who has asked for it; null when they did not say.</summary>
    public string? AskedBy { get; init; }

    /// <summary>What would help, while it is held by what the judge says or since it went back because of that.</summary>
    public IReadOnlyList<Recommendation> Recommendations { get; init; } = [];

    public bool Ended => Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted;
}

/// <summary>A location of the scope in a deployment.</summary>
/// <param name="Share">Its percent of the scope's traffic.</param>
/// <param name="Weight">The candidate's percent of that.</param>
/// <param name="Current">Null in a first deployment.</param>
/// <param name="Candidate">Null where nothing is changed.</param>
/// <param name="IsBarred">The candidate has failed here, while it did not elsewhere, and gets no traffic.</param>
public sealed record LaneStatus(string Location, decimal Share, decimal Weight, PoolId? Current, PoolId? Candidate, bool IsBarred);

/// <summary>A step of the plan.</summary>
/// <param name="Locations">Where the weight is changed.</param>
/// <param name="MinSeconds">How long at least; of a timed gate, how long.</param>
/// <param name="Replicas">Of the candidate, over all locations, that this step needs.</param>
public sealed record StepStatus(
    IReadOnlyList<string> Locations, decimal Weight, Gate Gate, int MinSeconds, int DeadlineSeconds, OnFail OnFail, int Replicas);

/// <summary>Why a deployment is held.</summary>
/// <param name="Cause"><c>operator</c>, <c>verdict</c>, <c>freeze</c> or <c>finalise</c>.</param>
public sealed record HeldStatus(string Cause, string Why, DateTimeOffset Since);

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
