using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>What other modules and the host ask of deployments.</summary>
public interface IDeployments
{
    /// <summary>
    /// Admits a deployment. The same <paramref name="key"/> again returns the deployment of the first call; the same key with another wish is
    /// a conflict. A scope with a deployment in progress is a conflict with the fact <c>deploymentId</c>, unless the wish says replace.
    /// </summary>
    Task<Outcome<Deployment>> Start(ScopeRef scope, DeploymentRequest request, string? key, CancellationToken cancellation);

    /// <summary>Admits a deployment back to a release that has been done on this scope.</summary>
    Task<Outcome<Deployment>> Rollback(ScopeRef scope, RollbackRequest request, string? key, CancellationToken cancellation);

    /// <summary>
    /// Asks something of a deployment in progress. What is so already changes nothing, nor does the same <paramref name="key"/> again; what its phase does not
    /// allow is a conflict with the fact <c>phase</c>.
    /// </summary>
    /// <param name="reason">For the record; at most 500 characters.</param>
    Task<Outcome<Deployment>> Do(DeploymentId deployment, Command command, string? reason, string? key, CancellationToken cancellation);

    Task<Outcome<Deployment>> Find(DeploymentId deployment, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<Outcome<Page<Deployment>>> List(ScopeRef scope, PageQuery page, CancellationToken cancellation);

    /// <summary>The events after <paramref name="after"/> (0 for all), then new ones as they come, until the deployment has ended.</summary>
    IAsyncEnumerable<DeploymentEvent> Events(DeploymentId deployment, long after, CancellationToken cancellation);

    Task<Outcome<ScopeStatus>> Status(ScopeRef scope, CancellationToken cancellation);
}
