using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>What the judge has made of a deployment up to a tick.</summary>
/// <param name="Tick">Its number.</param>
internal sealed record Judged(Judgement Judgement, int Tick)
{
    public Verdict Verdict => Judgement.Verdict;

    /// <summary>The numbers behind the verdict, and the number of the tick: a replay compares itself with them.</summary>
    public IReadOnlyDictionary<string, string> Facts(JudgePolicy policy) =>
        new Dictionary<string, string>(Judging.Facts.Of(policy, Judgement)) { [Judging.Facts.Tick] = $"{Tick}" };
}

/// <summary>Has deployments judged, and says what came of it.</summary>
internal interface IVerdicts
{
    /// <summary>What the judge says now; null when it has nothing to judge by yet.</summary>
    Judged? Of(DeploymentRecord record);

    /// <summary>
    /// What the metrics of a deployment look like while its candidate is ready and has no traffic. The first call begins to look, and later ones tell what
    /// was seen.
    /// </summary>
    SourceCheck Check(DeploymentRecord record);

    /// <summary>From now on the deployment is judged, as its record is now; <paramref name="wake"/> is called when the verdict is another.</summary>
    void Follow(DeploymentRecord record, Action wake);

    /// <summary>Counts for some seconds what a scope's current pools meet: what a plan can find evidence in.</summary>
    Task<PresentTraffic> CountTraffic(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation);

    /// <summary>It is driven by this host no more.</summary>
    void Forget(DeploymentId deployment);
}
