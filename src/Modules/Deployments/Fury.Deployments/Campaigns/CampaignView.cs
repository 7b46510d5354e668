using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <summary>A campaign as people see it.</summary>
/// <param name="Wave">1 for the first.</param>
/// <param name="Allowed">It stops at so many failures.</param>
internal sealed record CampaignView(
    Guid Id,
    string Name,
    string By,
    Strategy Strategy,
    PolicyRequest? Policy,
    CampaignState State,
    string Why,
    int Wave,
    IReadOnlyList<int> Waves,
    int MaxConcurrent,
    int StopAfter,
    int Allowed,
    OnStop OnStop,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    TargetCounts Counts)
{
    /// <summary>In the order of their turns; null in lists.</summary>
    public IReadOnlyList<TargetView>? Targets { get; init; }

    public static CampaignView Of(Campaign campaign, TargetCounts counts) => new(
        campaign.Id, campaign.Name, campaign.By, campaign.Strategy, campaign.Policy, campaign.State, campaign.Why, campaign.Wave + 1, campaign.Waves,
        campaign.MaxConcurrent, campaign.StopAfter, campaign.Allowed, campaign.OnStop, campaign.CreatedAt, campaign.EndedAt, counts);

    public static CampaignView Of(Campaign campaign, IReadOnlyList<Target> targets) =>
        Of(campaign, TargetCounts.Of(state => targets.Count(target => target.State == state))) with
        {
            Targets = [.. targets.Select(target => new TargetView(
                $"{target.Scope}", target.Version, target.Wave + 1, target.State, target.Deployment, target.Reason))],
        };
}

internal sealed record TargetCounts(int Waiting, int Running, int Done, int Failed, int Skipped)
{
    public static TargetCounts Of(Func<TargetState, int> count) => new(
        count(TargetState.Waiting), count(TargetState.Running), count(TargetState.Done), count(TargetState.Failed), count(TargetState.Skipped));
}

/// <param name="Scope"><c>application/scope</c>.</param>
/// <param name="Version">Null: the version that the scope runs.</param>
internal sealed record TargetView(string Scope, VersionName? Version, int Wave, TargetState State, DeploymentId? Deployment, string? Reason);
