using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>An upgrade as people see it.</summary>
/// <param name="Id">Null: it is planned, and not begun.</param>
/// <param name="Version">E.g. <c>1.34</c>.</param>
/// <param name="Wave">1 for the first.</param>
internal sealed record UpgradeView(
    Guid? Id,
    string Name,
    string By,
    string Version,
    UpgradeState State,
    string Why,
    int Wave,
    int Waves,
    bool EmptyFirst,
    int MaxConcurrent,
    int StopAfter,
    int SoakSeconds,
    int DeadlineSeconds,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    UpgradeCounts Counts)
{
    /// <summary>In the order of their turns; null in lists.</summary>
    public IReadOnlyList<UpgradeTargetView>? Clusters { get; init; }

    public static UpgradeView Of(Upgrade upgrade, bool isWhole = true) => new(
        upgrade.Id == Guid.Empty ? null : upgrade.Id,
        upgrade.Name,
        upgrade.By,
        $"{upgrade.Version}",
        upgrade.State,
        upgrade.Why,
        upgrade.Wave + 1,
        upgrade.Waves,
        upgrade.EmptyFirst,
        upgrade.MaxConcurrent,
        upgrade.StopAfter,
        (int)upgrade.Soak.TotalSeconds,
        (int)upgrade.Deadline.TotalSeconds,
        upgrade.CreatedAt,
        upgrade.EndedAt,
        UpgradeCounts.Of(upgrade.Counts))
    {
        Clusters = isWhole ? [.. upgrade.Targets.Select(UpgradeTargetView.Of)] : null,
    };
}

internal sealed record UpgradeCounts(int Waiting, int Emptying, int Upgrading, int Soaking, int Done, int Failed, int Skipped)
{
    public static UpgradeCounts Of(IReadOnlyDictionary<UpgradeTargetState, int> counts) => new(
        counts.GetValueOrDefault(UpgradeTargetState.Waiting),
        counts.GetValueOrDefault(UpgradeTargetState.Emptying),
        counts.GetValueOrDefault(UpgradeTargetState.Upgrading),
        counts.GetValueOrDefault(UpgradeTargetState.Soaking),
        counts.GetValueOrDefault(UpgradeTargetState.Done),
        counts.GetValueOrDefault(UpgradeTargetState.Failed),
        counts.GetValueOrDefault(UpgradeTargetState.Skipped));
}

/// <summary>A cluster of an upgrade.</summary>
/// <param name="Wave">1 for the first.</param>
/// <param name="Criticality"><c>low</c>, <c>medium</c>, <c>high</c>, <c>critical</c>, or <c>any</c>, which counts as critical.</param>
/// <param name="IsManaged">Its provider moves it; else somebody does by other means when it is its turn.</param>
/// <param name="IsCanary">The first of its shape, among the first of all.</param>
/// <param name="From">Its version before; null where that is not known.</param>
/// <param name="Shape">The name of its shape.</param>
/// <param name="Reason">Why it is in its state, or what it waits for.</param>
/// <param name="Difference">What sets it apart from the nearest shape that is proven, <c>has …</c> and <c>lacks …</c>, while it waits for an approval; null
/// otherwise. None: no shape is proven yet.</param>
internal sealed record UpgradeTargetView(
    string Cluster,
    int Wave,
    string Provider,
    string Region,
    string Criticality,
    bool IsManaged,
    bool IsCanary,
    string? From,
    string? Shape,
    UpgradeTargetState State,
    string? Reason,
    IReadOnlyList<string>? Difference,
    string? ApprovedBy,
    DateTimeOffset? Since)
{
    public static UpgradeTargetView Of(Target target) => new(
        target.Cluster,
        target.Wave + 1,
        target.Provider,
        target.Region,
        target.Criticality is { } criticality ? Word.Of(criticality) : Segment.Any,
        target.IsManaged,
        target.IsCanary,
        target.From?.ToString(),
        target.Shape,
        target.State,
        target.Reason,
        target.Difference,
        target.ApprovedBy,
        target.Since);
}
