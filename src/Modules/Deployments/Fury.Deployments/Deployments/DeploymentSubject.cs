using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Whoever may do something to a scope may do it to its deployments.</summary>
internal sealed class DeploymentSubject(IDeploymentStore store) : IRouteSubject
{
    public string Parameter => "id";

    public string Noun => "deployment";

    public async Task<ScopeRef?> Of(string id, CancellationToken cancellation) =>
        DeploymentId.TryParse(id, out var deployment) ? (await store.Find(deployment, cancellation))?.Scope : null;
}
