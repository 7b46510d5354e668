using Fury.Deployments.Contracts;
using Fury.Hosting;

namespace Fury.Deployments.Campaigns;

/// <summary>Brings every campaign on by the moves of <see cref="CampaignRules"/>. What a crash leaves undone, the next pass does.</summary>
internal sealed class CampaignDriver(ICampaignStore store, IDeployments deployments, TimeProvider clock) : IReconciler
{
    public const string ReconcilerName = "deployments-campaigns";

    public string Name => ReconcilerName;

    /// <summary>How late the end of a wave may be seen; with no campaign it is one look at an empty index.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var campaign in await store.Active(cancellation))
        {
            foreach (var move in CampaignRules.Advance(campaign, await store.Look(campaign, cancellation), clock.GetUtcNow()))
            {
                if (!await Do(campaign, move, cancellation))
                {
                    break;
                }
            }
        }
    }

    /// <summary>False when what comes after it must be weighed anew, in the next pass.</summary>
    private async Task<bool> Do(Campaign campaign, CampaignMove move, CancellationToken cancellation)
    {
        switch (move)
        {
            case CampaignMove.Note note:
                await store.Note(campaign.Id, note.Target, cancellation);
                return true;
            case CampaignMove.Begin { Target: var target }:
                var begun = await store.Begin(campaign, () => Begin(campaign, target, cancellation), cancellation);
                return begun is { State: not TargetState.Failed };
            case CampaignMove.TakeBack back:
                // Refused when it has ended meanwhile; the next look sees that.
                await deployments.Do(back.Deployment, Command.Abort, back.Why, $"campaign-{campaign.Id}-abort", cancellation);
                return true;
            case CampaignMove.Turn turn:
                await store.Change(campaign.Id, (present, _) => IsAsSeen(present, campaign) ? turn.Next : present, cancellation);
                return true;
            default:
                throw new InvalidOperationException($"Nobody makes the move {move}.");
        }
    }

    private async Task<Target> Begin(Campaign campaign, Target target, CancellationToken cancellation) => CampaignRules.Tried(
        target,
        await deployments.Start(target.Scope, campaign.RequestOf(target), campaign.KeyOf(target.Scope), cancellation),
        clock.GetUtcNow());

    /// <summary>Somebody may have stopped or resumed it since.</summary>
    private static bool IsAsSeen(Campaign present, Campaign seen) =>
        present.State == seen.State && present.Wave == seen.Wave && present.Allowed == seen.Allowed;
}
