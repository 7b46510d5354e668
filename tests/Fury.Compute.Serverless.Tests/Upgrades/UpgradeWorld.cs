using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Upgrades;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Serverless.Tests.Upgrades;

/// <summary>A simulated cluster.</summary>
internal sealed class PlayedCluster(string name, string region, Criticality? criticality, IReadOnlyList<string> traits, bool isManaged)
{
    public string Name => name;

    public string Region => region;

    public Criticality? Criticality => criticality;

    public IReadOnlyList<string> Traits => traits;

    public bool IsManaged => isManaged;

    public ClusterPhase Phase { get; set; } = ClusterPhase.Active;

    public int Pools { get; set; } = 3;

    public MinorVersion Version { get; set; } = new(1, 33);

    /// <summary>Its cloud's move, while there is one.</summary>
    public string? Ticket { get; set; }

    /// <summary>The move has ended without the version.</summary>
    public bool HasFailed { get; set; }

    public int Moves { get; set; }

    /// <summary>Its replicas do not bear the version.</summary>
    public bool Breaks { get; init; }

    /// <summary>Its cloud can not move it.</summary>
    public bool Fails { get; init; }

    public bool IsSick { get; set; }
}

/// <summary>
/// Clusters, their clouds and one upgrade, in memory. A driver may die between what it has written and each thing that it does then. The world holds what must
/// hold against each move.
/// </summary>
internal sealed class UpgradeWorld(Upgrade upgrade, IReadOnlyList<PlayedCluster> clusters, Random random, double deathRate)
{
    public Upgrade Upgrade { get; set; } = upgrade;

    public DateTimeOffset Now { get; private set; } = upgrade.CreatedAt;

    public int Deaths { get; private set; }

    /// <summary>One pass of a driver, and some time in which clusters go on.</summary>
    public void Step()
    {
        var looks = Upgrade.Targets.Where(target => UpgradeRules.IsWorthALook(Upgrade, target)).ToDictionary(target => target.Cluster, target => Look(target));
        if (!Dies())
        {
            (Upgrade, var orders) = UpgradeRules.Advance(Upgrade, looks, Now);
            foreach (var order in orders.TakeWhile(_ => !Dies()))
            {
                Do(order);
            }
        }

        Now += TimeSpan.FromSeconds(random.Next(1, 300));
        foreach (var cluster in clusters)
        {
            Live(cluster);
        }
    }

    private bool Dies()
    {
        var dies = random.NextDouble() < deathRate;
        Deaths += dies ? 1 : 0;
        return dies;
    }

    private void Do(UpgradeOrder order)
    {
        switch (order)
        {
            case UpgradeOrder.Drain drain: Of(drain.Cluster).Phase = ClusterPhase.Draining; return;
            case UpgradeOrder.Fill fill: Of(fill.Cluster).Phase = ClusterPhase.Active; return;
            case UpgradeOrder.Move { Target: var target }:
                var asked = Move(Of(target.Cluster), target);
                if (!Dies())
                {
                    Upgrade = Upgrade with
                    {
                        Targets = [.. Upgrade.Targets.Select(one => one.Cluster == target.Cluster ? UpgradeRules.Moved(one, asked, Now) : one)],
                    };
                }

                return;
        }
    }

    /// <summary>As a cloud does: the same wish again is the move that is under way.</summary>
    private Outcome<string> Move(PlayedCluster cluster, Target target)
    {
        if (cluster is { Ticket: { } known, HasFailed: false })
        {
            return known;
        }

        if (cluster.Version == Upgrade.Version)
        {
            return Fault.Conflict("It has the version already.");
        }

        Assert.True(target.IsManaged, $"{target} is not its provider's.");
        Assert.True(!Upgrade.EmptyFirst || cluster.Pools == 0, $"{target} is not empty.");
        Assert.True(Under().Count(other => other != cluster) < Upgrade.MaxConcurrent, "Too many are under way.");
        Assert.DoesNotContain(Under(), other => other != cluster && other.Region == cluster.Region);
        Assert.True(IsProven(target, cluster), $"{target} is of a shape that nobody has tried.");
        Assert.All(
            Upgrade.Targets.Where(other => other.Wave < target.Wave), other => Assert.True(other.IsOver || other.Wave >= target.Wave, $"{other} is not over."));
        cluster.Moves++;
        cluster.HasFailed = false;
        return random.Next(5) == 0 ? Fault.Unavailable("Its cloud is away.") : cluster.Ticket = $"move-{cluster.Moves}";
    }

    private IEnumerable<PlayedCluster> Under() => clusters.Where(one => one is { Ticket: not null, HasFailed: false });

    private bool IsProven(Target target, PlayedCluster cluster) =>
        target.IsCanary || target.ApprovedBy is not null
        || Upgrade.Targets.Any(other => other.State == UpgradeTargetState.Done && other.Shape == Shapes.NameOf(cluster.Traits));

    private void Live(PlayedCluster cluster)
    {
        cluster.IsSick = cluster.IsSick ? random.Next(3) > 0 : random.Next(60) == 0;
        cluster.Pools = cluster.Phase == ClusterPhase.Draining ? Math.Max(0, cluster.Pools - random.Next(3)) : Math.Max(cluster.Pools, 3);
        var target = Upgrade.Targets.First(one => one.Cluster == cluster.Name);
        if (cluster.Ticket is not null && random.Next(3) == 0)
        {
            cluster.HasFailed = cluster.Fails;
            cluster.Version = cluster.Fails ? cluster.Version : Upgrade.Version;
            cluster.Ticket = cluster.Fails ? cluster.Ticket : null;
        }
        else if (target is { State: UpgradeTargetState.Upgrading, IsManaged: false } && random.Next(4) == 0)
        {
            cluster.Version = Upgrade.Version;
        }
    }

    private PlayedCluster Of(string name) => clusters.First(cluster => cluster.Name == name);

    private ClusterLook Look(Target target)
    {
        var cluster = Of(target.Cluster);
        var isBroken = cluster.Breaks && cluster.Version == Upgrade.Version;
        var move = target is not { State: UpgradeTargetState.Upgrading, Ticket: { } ticket } ? null
            : cluster.HasFailed ? new ClusterUpgrade(ticket, ClusterUpgradeState.Failed, "It can not.")
            : new ClusterUpgrade(ticket, cluster.Ticket is null ? ClusterUpgradeState.Done : ClusterUpgradeState.Running, null);
        return new(
            cluster.Phase,
            cluster.IsSick ? HealthPhase.Suspect : HealthPhase.Healthy,
            cluster.IsSick ? "It is lost." : "All is well.",
            cluster.Version,
            cluster.Traits,
            isBroken ? 0.4 : 0.001,
            cluster.Pools,
            Wanted: 10,
            Ready: 10,
            move);
    }
}
