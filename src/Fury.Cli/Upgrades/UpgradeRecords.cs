namespace Fury.Cli.Upgrades;

internal sealed record UpgradeCountsRecord(int Waiting, int Emptying, int Upgrading, int Soaking, int Done, int Failed, int Skipped);

/// <param name="Wave">1 for the first.</param>
/// <param name="Difference">From the nearest shape that is proven; null: it waits for no approval.</param>
internal sealed record UpgradeClusterRecord(
    string Cluster,
    int Wave,
    string Provider,
    string Region,
    string Criticality,
    bool IsManaged,
    bool IsCanary,
    string? From,
    string? Shape,
    string State,
    string? Reason,
    IReadOnlyList<string>? Difference,
    string? ApprovedBy,
    DateTimeOffset? Since)
{
    /// <summary>As it was planned, it has no turn.</summary>
    public bool IsLeftOut => State == "skipped";
}

/// <param name="Id">Null: it is planned, and not begun.</param>
/// <param name="Clusters">In the order of their turns; null in lists.</param>
internal sealed record UpgradeRecord(
    string? Id,
    string Name,
    string By,
    string Version,
    string State,
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
    UpgradeCountsRecord Counts,
    IReadOnlyList<UpgradeClusterRecord>? Clusters);
