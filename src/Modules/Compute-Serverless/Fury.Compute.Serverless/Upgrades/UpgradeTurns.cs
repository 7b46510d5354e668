using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Which clusters have their turn now, and why the others of the wave have not. Pure.</summary>
internal static class UpgradeTurns
{
    public static Upgrade Begin(Upgrade upgrade, IReadOnlyDictionary<string, ClusterLook> looks, DateTimeOffset now)
    {
        // Where one has failed, the others of its region are what is left of it.
        var busy = upgrade.Targets.Where(target => target.IsMoving || target.State == UpgradeTargetState.Failed).Select(RegionOf).ToHashSet();
        var free = upgrade.MaxConcurrent - upgrade.Targets.Count(target => target.IsMoving);
        var proven = Proven(upgrade);
        var shapes = upgrade.Shapes.ToDictionary();
        List<Target> targets = [];
        foreach (var target in upgrade.Targets)
        {
            if (target.State != UpgradeTargetState.Waiting || target.Wave != upgrade.Wave || !looks.TryGetValue(target.Cluster, out var look))
            {
                targets.Add(target);
                continue;
            }

            var next = Tried(upgrade, target, look, proven, now) with { From = target.From ?? look.Version };
            if (next.State == UpgradeTargetState.Waiting)
            {
                targets.Add(next);
            }
            else if (next.IsMoving && (free == 0 || busy.Contains(RegionOf(target))))
            {
                var why = free == 0 ? $"{upgrade.MaxConcurrent} others are under way." : $"Another one in {target.Region} is under way, or has failed.";
                targets.Add(target with { Reason = $"It waits: {why}", Difference = null });
            }
            else
            {
                targets.Add(next);
                if (next.IsMoving)
                {
                    free--;
                    busy.Add(RegionOf(next));
                }

                if (look.Traits is { } traits && next.Shape is { } shape)
                {
                    shapes[shape] = Shapes.Of(traits);
                }
            }
        }

        return upgrade with { Targets = targets, Shapes = shapes };
    }

    /// <summary>By the name of each shape that has gone well, what it is made of.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Proven(Upgrade upgrade) => upgrade.Targets
        .Where(target => target is { State: UpgradeTargetState.Done, Shape: not null })
        .Select(target => target.Shape!)
        .Concat(upgrade.ProvenBefore)
        .Distinct()
        .Where(upgrade.Shapes.ContainsKey)
        .ToDictionary(name => name, name => upgrade.Shapes[name]);

    /// <summary>As it would be if nobody else were under way.</summary>
    private static Target Tried(
        Upgrade upgrade,
        Target target,
        ClusterLook look,
        Dictionary<string, IReadOnlyList<string>> proven,
        DateTimeOffset now)
    {
        if (look.Health != HealthPhase.Healthy)
        {
            return target with { Reason = $"It waits until it is healthy: {look.Why}", Difference = null };
        }

        if (look is not { Version: { } version, Traits: { } traits })
        {
            return target with { Reason = "It waits until it says what it runs.", Difference = null };
        }

        if (version.CompareTo(upgrade.Version) < 0 && !upgrade.Version.IsNextAfter(version))
        {
            return target.To(UpgradeTargetState.Failed, now, $"It is at {version}, and control planes skip no version: bring it nearer first.");
        }

        var shape = Shapes.NameOf(traits);
        if (!target.IsCanary && target.ApprovedBy is null && !proven.ContainsKey(shape))
        {
            return target with
            {
                Shape = shape,
                Reason = upgrade.Targets.Any(other => other.Shape == shape && other.State is not (UpgradeTargetState.Waiting or UpgradeTargetState.Skipped))
                    ? "It waits for an approval: its shape is under way, or has failed, in another cluster."
                    : "It waits for an approval: no cluster of its shape was upgraded before.",
                Difference = Shapes.Difference(traits, proven.Values),
            };
        }

        // What fails once it has the version is no measure of what did before.
        var known = target with { Shape = shape, Ticket = null };
        var before = known with { FailedBefore = look.FailedShare };
        return version.CompareTo(upgrade.Version) >= 0 ? known.To(UpgradeTargetState.Soaking, now)
            : upgrade.EmptyFirst ? before.To(UpgradeTargetState.Emptying, now) with { Hold = true }
            : before.To(UpgradeTargetState.Upgrading, now);
    }

    private static (string Provider, string Region) RegionOf(Target target) => (target.Provider, target.Region);
}
