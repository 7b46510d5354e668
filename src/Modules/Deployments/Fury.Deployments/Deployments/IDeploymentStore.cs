using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>What a scope runs, one pool for each of its locations, and who moves it.</summary>
internal sealed record ScopeRow(IReadOnlyList<PoolPlan> Current, DeploymentId? InProgress, DeploymentId? Waiting);

/// <summary>The wish for a deployment, checked.</summary>
/// <param name="Key">The caller's Idempotency-Key; null for none.</param>
/// <param name="RequestHash">Of the wish as the caller wrote it, whoever asks: the same key with another hash is another wish.</param>
internal sealed record Wish(
    ScopeRef Scope,
    Strategy Strategy,
    Policy Policy,
    ReleaseId To,
    VersionName Version,
    WhenBusy WhenBusy,
    string? Key,
    string RequestHash)
{
    public Route Route { get; init; } = Route.Usual;

    /// <summary>Who asks; null when they did not say.</summary>
    public string? By { get; init; }
}

/// <summary>A release that was done on a scope.</summary>
/// <param name="DoneAt">When it was last.</param>
internal sealed record ProvenRelease(ReleaseId Release, VersionName Version, DateTimeOffset DoneAt);

/// <param name="Created">False when the key was known and this is the deployment of the first call.</param>
internal sealed record Admission(DeploymentRecord Record, bool Created);

/// <summary>Where deployments are kept. Every change is one transaction: state, event and the news of it, or nothing.</summary>
internal interface IDeploymentStore
{
    /// <summary>
    /// Admits the wish: the scope is its own from now on, or it waits for the one it replaces, which is aborted in the same transaction
    /// (a wish that waited before it is aborted too: the latest wins). A busy scope is a conflict with the fact <c>deploymentId</c>.
    /// </summary>
    Task<Outcome<Admission>> Admit(Wish wish, CancellationToken cancellation);

    /// <summary>
    /// Makes the holder of <paramref name="token"/> the driver, under a fence higher than any before it for this scope. Null when the
    /// deployment has ended or a holder of a later lease has it: the asker must leave it alone.
    /// </summary>
    Task<DeploymentRecord?> Claim(DeploymentId deployment, long token, CancellationToken cancellation);

    /// <summary>
    /// Writes the next state, its event and the news of it if the deployment still has the revision and the fence of
    /// <paramref name="before"/> and has not ended; else <see cref="FaultKind.Stale"/> and nothing is changed. An end gives the scope to
    /// the deployment that waits for it.
    /// </summary>
    Task<Outcome<DeploymentRecord>> Append(DeploymentRecord before, Move.Go move, CancellationToken cancellation);

    Task<DeploymentRecord?> Find(DeploymentId deployment, CancellationToken cancellation);

    Task<ScopeRow?> FindScope(ScopeRef scope, CancellationToken cancellation);

    /// <summary>Newest first, those older than <paramref name="before"/>.</summary>
    Task<IReadOnlyList<DeploymentRecord>> List(ScopeRef scope, DeploymentId? before, int limit, CancellationToken cancellation);

    /// <summary>Events with numbers above <paramref name="after"/>, in order.</summary>
    Task<IReadOnlyList<DeploymentEvent>> Events(DeploymentId deployment, long after, int limit, CancellationToken cancellation);

    /// <summary>Deployments of these shards that have not ended, with their revisions, oldest first.</summary>
    Task<IReadOnlyList<(DeploymentId Id, int Shard, long Revision)>> Live(
        IReadOnlyList<int> shards, DeploymentId? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// The release to go back to: <paramref name="wanted"/> if it was ever done on this scope, else the last one done that is not the
    /// current one (I8). Null when there is none.
    /// </summary>
    Task<ProvenRelease?> RollbackTarget(ScopeRef scope, ReleaseId? wanted, CancellationToken cancellation);
}
