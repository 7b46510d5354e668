using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Upgrades;
using Fury.Kernel;
using Xunit.Abstractions;

namespace Fury.Compute.Serverless.Tests.Upgrades;

/// <summary>Whole upgrades in simulated worlds; the world itself holds what must always hold against each move of a control plane.</summary>
public sealed class UpgradeSimulationTests(ITestOutputHelper output)
{
    private const int Worlds = 300;
    private const int StepsMax = 20_000;

    private static readonly DateTimeOffset Now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whenever_a_driver_dies_no_cluster_is_moved_before_its_turn_twice_or_while_it_runs_something_and_each_is_given_back()
    {
        var (deaths, stops, approvals, moves) = (0, 0, 0, 0);
        for (var seed = 0; seed < Worlds; seed++)
        {
            var random = new Random(seed);
            var clusters = Clusters(random);
            var upgrade = Upgrade(clusters, random);
            var world = new UpgradeWorld(upgrade, clusters, random, deathRate: 0.2);
            try
            {
                for (var step = 0; world.Upgrade.EndedAt is null; step++)
                {
                    Assert.True(step < StepsMax, $"It never ends: {world.Upgrade.Why}");
                    var before = world.Upgrade.State;
                    world.Step();
                    stops += before == UpgradeState.Running && world.Upgrade.State == UpgradeState.Stopped ? 1 : 0;
                    approvals += People(world, random);
                }

                Assert.All(world.Upgrade.Targets, target => Assert.True(target.IsOver, $"{target}"));
                Assert.All(clusters, cluster => Assert.True(
                    cluster.Phase == ClusterPhase.Active || Of(world, cluster) is { State: UpgradeTargetState.Failed, Hold: true },
                    $"{cluster.Name} still drains."));
                Assert.All(
                    clusters.Where(cluster => Of(world, cluster).State == UpgradeTargetState.Done),
                    cluster => Assert.Equal((world.Upgrade.Version, false, false), (cluster.Version, cluster.Breaks, cluster.Fails)));
            }
            catch
            {
                output.WriteLine($"seed {seed}");
                throw;
            }

            deaths += world.Deaths;
            moves += clusters.Sum(cluster => cluster.Moves);
        }

        output.WriteLine($"{Worlds} worlds, {moves} moves, {deaths} deaths, {stops} stops by failures, {approvals} approvals");
        Assert.True(deaths > Worlds && stops > Worlds / 10 && approvals > Worlds / 10 && moves > Worlds);
    }

    /// <summary>What people do meanwhile: they approve, leave out what can not be helped, resume and sometimes abort.</summary>
    private static int People(UpgradeWorld world, Random random)
    {
        var (upgrade, approved) = (world.Upgrade, 0);
        foreach (var target in upgrade.Targets.Where(target => target.Difference is not null && random.Next(10) == 0))
        {
            world.Upgrade = UpgradeCommands.Do(world.Upgrade, target.Cluster, TargetCommand.Approve, "bob", "seen", world.Now).Value;
            approved++;
        }

        if (upgrade.State == UpgradeState.Stopped && random.Next(5) == 0)
        {
            foreach (var target in upgrade.Targets.Where(target => target.State == UpgradeTargetState.Failed && random.Next(2) == 0))
            {
                world.Upgrade = UpgradeCommands.Do(world.Upgrade, target.Cluster, TargetCommand.Skip, "bob", "it breaks", world.Now).Value;
            }

            world.Upgrade = UpgradeCommands.Do(world.Upgrade, UpgradeCommand.Resume, "bob", "seen", world.Now).Value;
        }
        else if (upgrade.State == UpgradeState.Running)
        {
            world.Upgrade = random.Next(400) switch
            {
                0 => UpgradeCommands.Do(world.Upgrade, UpgradeCommand.Abort, "bob", "enough", world.Now).Value,
                1 => UpgradeCommands.Do(world.Upgrade, UpgradeCommand.Stop, "bob", "a look", world.Now).Value,
                _ => world.Upgrade,
            };
        }

        return approved;
    }

    private static List<PlayedCluster> Clusters(Random random) =>
    [
        .. from number in Enumerable.Range(0, random.Next(1, 16))
           let isManaged = random.Next(4) > 0
           select new PlayedCluster(
               $"c{number:00}",
               $"r{random.Next(4)}",
               random.Next(5) is var tier and < 4 ? (Criticality)tier : null,
               random.Next(4) == 0 ? ["node label odd"] : ["node architecture amd64"],
               isManaged)
           {
               Breaks = random.Next(12) == 0,
               Fails = isManaged && random.Next(12) == 0,
           },
    ];

    private static Upgrade Upgrade(List<PlayedCluster> clusters, Random random)
    {
        var version = new MinorVersion(1, 34);
        var targets = UpgradePlan.Of(
            [
                .. clusters.Select(one => new Candidate(
                    one.Name, "aws", one.Region, one.Criticality, one.IsManaged, one.Version, random.Next(10) == 0 ? null : one.Traits)),
            ],
            version);
        return new(
            Guid.CreateVersion7(Now),
            "to-34",
            "ann",
            version,
            random.Next(3) > 0,
            random.Next(1, 5),
            random.Next(1, 4),
            TimeSpan.FromMinutes(random.Next(60)),
            TimeSpan.FromHours(2),
            Now)
        {
            Targets = targets,
            Waves = targets.Max(target => target.Wave) + 1,
        };
    }

    private static Target Of(UpgradeWorld world, PlayedCluster cluster) => world.Upgrade.Targets.First(target => target.Cluster == cluster.Name);
}
