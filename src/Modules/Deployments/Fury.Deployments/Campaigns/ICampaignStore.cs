using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <summary>What brings campaigns on asks of their record.</summary>
internal interface ICampaignStore
{
    /// <summary>Those that have not ended, oldest first.</summary>
    Task<IReadOnlyList<Campaign>> Active(CancellationToken cancellation);

    Task<CampaignSeen> Look(Campaign campaign, CancellationToken cancellation);

    Task Note(Guid campaign, Target target, CancellationToken cancellation);

    /// <summary>
    /// Starts a deployment and writes what came of it, while nobody else can change the campaign: once it is stopped, nothing begins. Null when it does not
    /// run any more, or in another wave.
    /// </summary>
    /// <param name="begin">Run again after a crash, it starts nothing twice.</param>
    Task<Target?> Begin(Campaign campaign, Func<Task<Target>> begin, CancellationToken cancellation);

    /// <summary>Changes the campaign as it is now. With its end, targets that still wait are skipped.</summary>
    /// <param name="change">Is given how many of its targets have failed.</param>
    Task<Outcome<Campaign>> Change(Guid campaign, Func<Campaign, int, Outcome<Campaign>> change, CancellationToken cancellation);
}
