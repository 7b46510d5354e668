using System.Text.Json.Serialization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Why a deployment goes back.</summary>
/// <param name="Asked">True when somebody aborted it, false when it failed.</param>
internal sealed record WayBack(bool Asked, string Reason)
{
    public DeploymentPhase End => Asked ? DeploymentPhase.Aborted : DeploymentPhase.RolledBack;
}

/// <summary>Proxies that have not applied a table.</summary>
/// <param name="Proxies">Each with its stage, since when, and its own words.</param>
/// <param name="ToldAt">When an event last named them.</param>
/// <param name="WaitsSince">Since when the deadline is over and the policy waits on; null before.</param>
internal sealed record Hold(string Proxies, DateTimeOffset ToldAt, DateTimeOffset? WaitsSince);

/// <summary>
/// All that a deployment knows of itself: what its events add up to. A driver that finds it can go on where the last one stopped.
/// Replaced whole, never edited; <see cref="Revision"/> is one more each time.
/// </summary>
internal sealed record DeploymentRecord(
    DeploymentId Id,
    ScopeRef Scope,
    Strategy Strategy,
    Policy Policy,
    ReleaseId To,
    VersionName Version,
    PoolId CandidatePool,
    DateTimeOffset CreatedAt)
{
    public DeploymentPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>When the phase ends by itself.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Who has asked for it; null when they did not say.</summary>
    public string? AskedBy { get; init; }

    public long Revision { get; init; }

    /// <summary>Of the driver that drives it; kept in a column of its own.</summary>
    [JsonIgnore]
    public long Fence { get; init; }

    /// <summary>What served the scope when it began; on the way back perhaps a fresh pool of the same release.</summary>
    public PoolPlan? Current { get; init; }

    /// <summary>Null until it begins.</summary>
    public Plan? Plan { get; init; }

    /// <summary>The index of the cell it is in.</summary>
    public int Cell { get; init; }

    /// <summary>The table version that proxies must apply in a converging phase.</summary>
    public long TableVersion { get; init; }

    /// <summary>The candidate's counters before its first request.</summary>
    public Counts Baseline { get; init; }

    /// <summary>The largest number of candidate replicas ever seen ready: progress, which flapping does not move.</summary>
    public int ReadyMost { get; init; }

    /// <summary>
    /// Until when the leaving pool's last requests may take; null until every proxy has stopped sending to it, or the policy goes on without those that
    /// have not.
    /// </summary>
    public DateTimeOffset? DrainUntil { get; init; }

    /// <summary>Who holds the phase up, as last told; null while nobody was told of.</summary>
    public Hold? Hold { get; init; }

    public WayBack? Back { get; init; }

    /// <summary>What the scope runs once this has ended; read only when <see cref="Plan"/> is set.</summary>
    public PoolPlan? Serving { get; init; }

    /// <summary>A pool that could not be taken down safely before the end.</summary>
    public PoolPlan? Leftover { get; init; }

    [JsonIgnore]
    public bool Ended => Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted;

    [JsonIgnore]
    public PoolPlan Candidate => Plan?.Candidate ?? throw new InvalidOperationException($"Deployment {Id} has no plan yet.");

    public Deployment ToDeployment() => new(
        Id, Scope, Strategy, Phase, Current?.Release, To, Version, Current?.Id, CandidatePool, Policy, Reason, CreatedAt, EndedAt, Deadline,
        Revision)
    {
        AskedBy = AskedBy,
    };
}
