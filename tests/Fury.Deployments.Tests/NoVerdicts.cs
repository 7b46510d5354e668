using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

/// <summary>A judge who never has anything to say.</summary>
internal sealed class NoVerdicts : IVerdicts
{
    public Judged? Of(DeploymentRecord record) => null;

    public SourceCheck Check(DeploymentRecord record) => SourceCheck.Fine;

    public void Follow(DeploymentRecord record, Action wake)
    {
    }

    public Task<PresentTraffic> CountTraffic(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation) =>
        Task.FromResult(PresentTraffic.None);

    public void Forget(DeploymentId deployment)
    {
    }
}
