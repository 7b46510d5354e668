using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>Has deployments judged, and says what came of it.</summary>
internal interface IVerdicts
{
    /// <summary>What the judge says now; null when it has nothing to judge by yet.</summary>
    Verdict? Of(DeploymentRecord record);

    /// <summary>The numbers behind that; empty when there are none.</summary>
    IReadOnlyDictionary<string, string> FactsOf(DeploymentRecord record);

    /// <summary>
    /// What the metrics of a deployment look like while its candidate is ready and has no traffic. The first call begins to look, and later ones tell what
    /// was seen.
    /// </summary>
    SourceCheck Check(DeploymentRecord record);

    /// <summary>From now on the deployment is judged, as its record is now; <paramref name="wake"/> is called when the verdict is another.</summary>
    void Follow(DeploymentRecord record, Action wake);

    /// <summary>Counts for some seconds what a scope's current pools meet: what a plan can find evidence in.</summary>
    Task<PresentTraffic> Present(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation);

    /// <summary>It is driven by this host no more.</summary>
    void Forget(DeploymentId deployment);
}
