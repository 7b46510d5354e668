using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>A cluster that is to be upgraded, as it was found.</summary>
/// <param name="Version">Null: it did not say; what it is shows at its turn.</param>
internal sealed record Candidate(
    string Cluster, string Provider, string Region, Criticality? Criticality, bool IsManaged, MinorVersion? Version, IReadOnlyList<string>? Traits);

/// <summary>
/// The order of turns. The least critical first; a cluster for work of any criticality counts as the most critical. In the first tier, one of each shape goes
/// before the others; in each later one, clusters whose shape a tier before has, before those that are the first of theirs. Pure.
/// </summary>
internal static class UpgradePlan
{
    public static IReadOnlyList<Target> Of(IReadOnlyList<Candidate> clusters, MinorVersion version)
    {
        List<Target> targets = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        var wave = 0;
        foreach (var tier in clusters.Where(IsOpen).GroupBy(TierOf).OrderBy(tier => tier.Key))
        {
            var isFirst = targets.Count == 0;
            var ordered = tier.OrderBy(one => one.Cluster, StringComparer.Ordinal).ToList();
            var firsts = ordered.Where(one => one.Traits is not null && !known.Contains(ShapeOf(one))).DistinctBy(ShapeOf).ToHashSet();
            var seen = ordered.Where(one => one.Traits is not null && known.Contains(ShapeOf(one))).ToList();
            var others = ordered.Where(one => !firsts.Contains(one) && !seen.Contains(one)).ToList();
            foreach (var part in new[] { seen, [.. ordered.Where(firsts.Contains)], others }.Where(part => part.Count > 0))
            {
                targets.AddRange(part.Select(one => Target(one, wave, isFirst && firsts.Contains(one))));
                wave++;
            }

            known.UnionWith(firsts.Select(ShapeOf));
        }

        targets.AddRange(clusters.Where(one => !IsOpen(one)).Select(one => Target(one, 0, isCanary: false) with
        {
            State = UpgradeTargetState.Skipped,
            Reason = $"It has {one.Version} already.",
        }));
        return targets;

        bool IsOpen(Candidate one) => one.Version is not { } its || its.CompareTo(version) < 0;
    }

    private static Target Target(Candidate one, int wave, bool isCanary) =>
        new(one.Cluster, one.Provider, one.Region, one.Criticality, one.IsManaged, wave, isCanary)
        {
            From = one.Version,
            Shape = one.Traits is null ? null : ShapeOf(one),
        };

    private static Criticality TierOf(Candidate one) => one.Criticality ?? Criticality.Critical;

    private static string ShapeOf(Candidate one) => Shapes.NameOf(one.Traits!);
}
