using Fury.Deployments.Contracts;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 400;
    private const int SeedsOfTheLongRun = 20_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_invariants_hold_at_every_step_in_every_world(bool first) => Run(1, Seeds, first);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData(false)]
    [InlineData(true)]
    public void And_in_thousands_of_worlds_more(bool first) => Run(Seeds + 1, SeedsOfTheLongRun, first);

    private void Run(int from, int to, bool first)
    {
        var ends = new Dictionary<string, int>();
        var (waited, waived, held, barred, commanded, taken, givenUp) = (0, 0, 0, 0, 0, 0, 0);
        for (var seed = from; seed <= to; seed++)
        {
            var world = new SimulatedWorld(seed, first);
            try
            {
                world.Run();
            }
            catch (Exception error)
            {
                var history = string.Join('\n', world.History.Select(go => $"{go.Next.Phase}: {go.Message}"));
                throw new InvalidOperationException($"Seed {seed}, first {first}: {error.Message}\n{history}", error);
            }

            waited += world.History.Any(go => go.Next.Laggards?.WaitsSince is not null) ? 1 : 0;
            waived += world.Waived;
            held += world.History.Any(go => go.Next.Phase == DeploymentPhase.Held) ? 1 : 0;
            barred += world.History.Any(go => go.Next.Lanes.Any(lane => lane.IsBarred)) ? 1 : 0;
            commanded += world.Commanded;
            taken += world.Taken;
            givenUp += world.Record.GivenUp.Count > 0 ? 1 : 0;
            var end = $"{world.Record.Phase}{(world.Record.Leftovers.Count == 0 ? "" : ", leaves a pool")}";
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        output.WriteLine($"Seeds {from} to {to}: {string.Join("; ", ends.OrderBy(end => end.Key).Select(end => $"{end.Key}: {end.Value}"))}");
        output.WriteLine($"{waited} waited on beyond a deadline; {waived} pools were taken from a proxy by the policy.");
        output.WriteLine($"{held} were held, {barred} went back at some locations only; {commanded} commands.");
        output.WriteLine($"{taken} recommendations were taken, {givenUp} gave up locations.");
        // Worlds that all end alike would prove nothing.
        Assert.All(
            new[] { DeploymentPhase.Done, DeploymentPhase.RolledBack, DeploymentPhase.Aborted },
            phase => Assert.True(ends.GetValueOrDefault(phase.ToString()) > 10, output.ToString()));
        Assert.True(waited > 10 && waived > 3, $"{waited} have waited on, {waived} pools were taken from a proxy.");
        Assert.True(first || (taken > 50 && givenUp > 0), $"{taken} recommendations were taken, {givenUp} gave up locations.");
        Assert.True(first || (held > 50 && barred > 5 && commanded > 100), $"{held} were held, {barred} barred, {commanded} commands.");
    }
}
