using Fury.Deployments.Campaigns;
using Fury.Deployments.Contracts;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests.Campaigns;

/// <summary>Whole campaigns in simulated worlds, through the driver; the world itself holds what must always hold against each start.</summary>
public sealed class CampaignSimulationTests(ITestOutputHelper output)
{
    private const int StepsMax = 5_000;

    private static readonly DateTimeOffset Now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Whenever_a_driver_dies_nothing_starts_twice_nor_too_much_at_once_nor_after_the_stop()
    {
        const int Worlds = 200;
        var (deaths, stops, resumed) = (0, 0, 0);
        for (var seed = 0; seed < Worlds; seed++)
        {
            var random = new Random(seed);
            Fate[] fates = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(3) == 0 ? (Fate)random.Next(6) : Fate.Good)];
            int[] waves = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(1, 12))];
            var world = World(fates, waves, random.Next(1, 10), random.Next(1, 4), (OnStop)random.Next(2), random, deathRate: 0.2);
            try
            {
                for (var step = 0; world.Campaign.EndedAt is null; step++)
                {
                    Assert.True(step < StepsMax, "It never ends.");
                    var before = world.Campaign.State;
                    await world.Step();
                    stops += before == CampaignState.Running && world.Campaign.State == CampaignState.Stopped ? 1 : 0;
                    switch (random.Next(world.Campaign.State == CampaignState.Stopped ? 20 : 400))
                    {
                        case 0: world.Ask((campaign, _) => CampaignRules.Stop(campaign, "ann", "a look")); break;
                        case 1: world.Ask((campaign, _) => CampaignRules.Abort(campaign, "ann", "enough")); break;
                        case < 5 when world.Campaign.State == CampaignState.Stopped:
                            world.Ask((campaign, failed) => CampaignRules.Resume(campaign, failed, "ann", "seen"));
                            resumed++;
                            break;
                    }
                }

                Assert.Empty(world.InFlight);
                Assert.DoesNotContain(world.Targets, target => target.IsOpen);
                Assert.All(world.Targets, target => Assert.True(IsAsFated(target, fates[target.Place], world.Campaign.State), $"{target}"));
            }
            catch
            {
                output.WriteLine($"seed {seed}");
                throw;
            }

            deaths += world.Deaths;
        }

        output.WriteLine($"{Worlds} worlds, {deaths} deaths, {stops} stops by failures, {resumed} resumed");
        Assert.True(deaths > Worlds && stops > Worlds / 10 && resumed > Worlds / 10);
    }

    /// <summary>2 % of a thousand services can't bear the new base image: Uber's case, in which it was seen after fewer than twenty.</summary>
    [Fact]
    public async Task Scenario_24_a_change_for_a_thousand_services_is_stopped_before_twenty_have_failed()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            Fate[] fates = [.. Enumerable.Range(0, 1_000).Select(place => place < 20 ? Fate.Bad : Fate.Good)];
            random.Shuffle(fates);
            var world = World(fates, [1, 5, 20], maxConcurrent: 50, stopAfter: 3, OnStop.Finish, random);
            while (world.Campaign.State == CampaignState.Running || world.InFlight.Any() || world.Targets.Any(target => target.State == TargetState.Running))
            {
                await world.Step();
            }

            var failed = world.Targets.Count(target => target.State == TargetState.Failed);
            output.WriteLine($"seed {seed}: {world.Begun} of 1000 services touched, {failed} failed. {world.Campaign.Why}");
            Assert.Equal(CampaignState.Stopped, world.Campaign.State);
            Assert.InRange(failed, 3, 19);
            Assert.InRange(world.Begun, 1, 600);
        }
    }

    private static bool IsAsFated(Target target, Fate fate, CampaignState end) => target.State switch
    {
        TargetState.Done => fate is Fate.Good or Fate.Busy,
        TargetState.Failed => fate is Fate.Bad or Fate.Refused,
        TargetState.Skipped => fate is Fate.Unwanted or Fate.Vetoed || end == CampaignState.Aborted || target.Deployment is not null,
        _ => false,
    };

    private static CampaignWorld World(
        Fate[] fates, int[] waves, int maxConcurrent, int stopAfter, OnStop onStop, Random random, double deathRate = 0) => new(
        new Campaign(
            new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]), "base-image", "ann", Strategy.AllIn, null,
            CampaignRules.Waves(waves, maxConcurrent, fates.Length), maxConcurrent, stopAfter, onStop, Now),
        fates,
        random,
        deathRate);
}
