using Fury.Deployments.Contracts;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests.Moving;

/// <summary>A scope's way from one cloud to another keeps capacity at or above demand, whatever happens to instances on the way.</summary>
public sealed class MovingTests(ITestOutputHelper output)
{
    private const int Seeds = 200;
    private const int SeedsOfTheLongRun = 5_000;

    [Fact]
    public void Capacity_that_gets_traffic_is_at_least_the_demand_at_every_moment() => Run(1, Seeds);

    [Fact]
    [Trait("Category", "Soak")]
    public void And_in_thousands_of_worlds_more() => Run(Seeds + 1, SeedsOfTheLongRun);

    private void Run(int from, int to)
    {
        var ends = new Dictionary<DeploymentPhase, int>();
        var (killed, refused, givenUp, busy, shortOnes) = (0, 0, 0, 0, 0);
        for (var seed = from; seed <= to; seed++)
        {
            var world = new MovingWorld(seed);
            try
            {
                world.Run();
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}: {error.Message}\n{string.Join('\n', world.History)}", error);
            }

            ends[world.Record.Phase] = ends.GetValueOrDefault(world.Record.Phase) + 1;
            (killed, refused, givenUp) = (killed + world.Killed, refused + world.Engine.Refused, givenUp + world.Engine.GivenUp);
            busy += world.DemandMost > 0.9 ? 1 : 0;
            shortOnes += world.WasShort ? 1 : 0;
        }

        output.WriteLine($"Seeds {from} to {to}: {string.Join("; ", ends.OrderBy(end => end.Key).Select(end => $"{end.Key}: {end.Value}"))}");
        output.WriteLine($"{killed} instances died, {refused} lots were refused or given in part, {givenUp} never got healthy.");
        output.WriteLine($"{busy} worlds were full; {shortOnes} aborts went back to a pool that could not carry it all.");
        // Worlds that all end alike, or in which nothing happens, would prove nothing.
        Assert.True(ends.GetValueOrDefault(DeploymentPhase.Done) > 40 && ends.GetValueOrDefault(DeploymentPhase.Aborted) > 10);
        Assert.True(shortOnes <= (to - from + 1) / 1000);
        Assert.True(killed > 500 && refused > 500 && givenUp > 100 && busy > 50);
    }
}
