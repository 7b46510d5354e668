using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>The tokens that a managed cluster's provider gives.</summary>
internal sealed class ManagedCredentials(ManagedCluster cluster, IManagedClusters managed, TimeProvider clock) : HeldCredentials(clock)
{
    protected override async Task<Outcome<Credential>> Ask(CancellationToken cancellation) =>
        (await managed.Pass(cluster, cancellation)).Then<Credential>(pass => new Credential(pass.Token, null, pass.ExpiresAt));
}
