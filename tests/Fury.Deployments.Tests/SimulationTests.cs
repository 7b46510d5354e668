using Fury.Deployments.Contracts;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_invariants_hold_at_every_step_in_every_world(bool first)
    {
        var ends = new Dictionary<string, int>();
        for (var seed = 1; seed <= Seeds; seed++)
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

            var end = $"{world.Record.Phase}{(world.Record.Leftover is null ? "" : ", leaves a pool")}";
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        output.WriteLine($"Seeds 1 to {Seeds}: {string.Join("; ", ends.OrderBy(end => end.Key).Select(end => $"{end.Key}: {end.Value}"))}");
        // Worlds that all end alike would prove nothing.
        Assert.All(
            new[] { DeploymentPhase.Done, DeploymentPhase.RolledBack, DeploymentPhase.Aborted },
            phase => Assert.True(ends.GetValueOrDefault(phase.ToString()) > 10, output.ToString()));
    }
}
