using System.Diagnostics;
using Fury.Deployments.Contracts;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>
/// SIGKILL of the host at a random moment of a deployment. After the restart the deployment ends, no process is orphaned or doubled, and
/// the routes match the record.
/// </summary>
public sealed class When_the_host_is_killed(ITestOutputHelper output)
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(90);

    /// <summary>A little less than a good deployment with <see cref="Platform.Quick"/> takes, so that it is hit on its way.</summary>
    private const int MomentMillisecondsMax = 5_000;

    [Fact]
    public Task The_deployment_ends_and_nothing_is_orphaned_or_doubled() => KillAndRestart(seed: 20261121, rounds: 5);

    [Fact]
    [Trait("Category", "Soak")]
    public Task The_deployment_ends_thirty_times() => KillAndRestart(seed: 4711, rounds: 30);

    private async Task KillAndRestart(int seed, int rounds)
    {
        output.WriteLine($"seed {seed}, {rounds} rounds");
        var chance = new Random(seed);
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Register("1.0.0");
        await platform.Register("1.1.0");
        await platform.Register("1.2.0", ("HELLO_UNHEALTHY", "1"));
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);
        var current = "1.0.0";

        for (var round = 0; round < rounds; round++)
        {
            var version = chance.Next(3) == 0 ? "1.2.0" : current == "1.0.0" ? "1.1.0" : "1.0.0";
            // One kill in each fifth of the way, so that few rounds meet all phases.
            var moment = TimeSpan.FromMilliseconds(MomentMillisecondsMax * ((round % 5) + chance.NextDouble()) / 5);
            var clock = Stopwatch.StartNew();
            var deployment = await platform.Deploy(version, "blue-green", Platform.Quick with { ProvisionSeconds = version == "1.2.0" ? 8 : 60 });
            await Task.Delay(moment);
            var phase = (await platform.Find(deployment.Id)).Phase;
            await fury.Kill();
            await fury.StartHost();

            var ended = await platform.Ended(deployment.Id, EndsWithin);
            output.WriteLine(
                $"round {round}: {version}, killed after {moment.TotalMilliseconds:0} ms in {phase}, {ended.Phase} after {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.Equal(version == "1.2.0" ? DeploymentPhase.RolledBack : DeploymentPhase.Done, ended.Phase);
            current = version == "1.2.0" ? current : version;
            await platform.AssertSettled(current);
            await AssertHistoryIsWhole(platform, ended);
        }
    }

    /// <summary>A restart goes on; it neither loses an event nor begins again.</summary>
    private static async Task AssertHistoryIsWhole(Platform platform, Deployment ended)
    {
        var events = await platform.Events(ended.Id);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(entry => entry.Number));
        Assert.Equal(ended.Revision, events.Count);
        Assert.Single(events, entry => entry.Phase == ended.Phase);
    }
}
