using System.Diagnostics;
using Fury.Agent.Wire;
using Fury.Processes;
using Fury.Testing;

namespace Fury.Agent.Tests.Processes;

/// <summary>The whole agent with a process of its own, on a loopback platform.</summary>
public sealed class AgentProcessTests : IAsyncLifetime
{
    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public async Task DisposeAsync() => await _platform.DisposeAsync();

    [Fact]
    public async Task An_artifact_is_fetched_checked_started_and_told_of_and_ends_when_the_agent_is_asked_to()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving).Start();

        await agent.Until(AgentPhase.Healthy);
        Assert.Equal([$"started as i-1 on 0.0.0.0:{agent.Config.Port}"], await agent.Lines());
        Assert.Single(agent.Pids());
        await agent.Stop();

        Assert.Empty(agent.Pids());
        Assert.Contains("ending", await File.ReadAllLinesAsync(Path.Combine(agent.Config.Folder, "logs", "output.log")));
        var told = _platform.Reports.ToList();
        Assert.Equal(AgentPhase.Stopped, told[^1].Status.Phase);
        Assert.All(told, report => Assert.Equal((FakePlatform.Lot, "i-1", told[0].Boot), (report.Lot, report.ProviderId, report.Boot)));
        Assert.NotNull(OwnVersion.Text);
        Assert.All(told, report => Assert.Equal(OwnVersion.Text, report.AgentVersion));
        Assert.Equal(told.Select(report => report.Sequence).Order().Distinct(), told.Select(report => report.Sequence));
    }

    [Fact]
    public async Task What_has_another_digest_is_never_started()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving);
        agent.Config = agent.Config with { Artifact = agent.Config.Artifact with { Digest = "sha256:" + new string('0', 64) } };
        agent.Start();

        await agent.Until(AgentPhase.Failed);

        Assert.Contains("should be sha256:0000", agent.Told!.Status.Reason, StringComparison.Ordinal);
        Assert.Empty(agent.Pids());
        Assert.False(Directory.Exists(Path.Combine(agent.Config.Folder, "artifact")));
        await agent.Stop();
        Assert.Equal(AgentPhase.Stopped, agent.Told!.Status.Phase);
    }

    [Fact]
    public async Task A_process_that_crashes_is_started_again_after_pauses_that_grow()
    {
        await using var agent = AgentUnderTest.Of(_platform, new Tars().Script("run", "date +%s.%N; exit 3")).Start();
        await Eventually.True(() => agent.Told is not null, because: agent.Log);

        await Eventually.True(async () => (await agent.Lines()).Length >= 4);

        var times = (await agent.Lines()).Select(line => double.Parse(line, System.Globalization.CultureInfo.InvariantCulture)).Take(4).ToList();
        var pauses = times.Zip(times.Skip(1), (before, after) => after - before).ToList();
        Assert.True(pauses[0] >= 0.1 && pauses[1] >= 0.2 && pauses[2] >= 0.4, string.Join(", ", pauses));
        Assert.Contains(_platform.Reports, report => report.Status is { Phase: AgentPhase.Crashed, Restarts: >= 2 } status
            && status.Reason == "Its process has ended with exit code 3.");
    }

    [Fact]
    public async Task A_process_that_will_not_end_is_ended_by_force_with_all_that_it_has_started()
    {
        await using var agent = AgentUnderTest.Of(_platform, new Tars().Script("run", """
            trap '' TERM
            (while :; do sleep 0.05; done) & echo $!
            while :; do sleep 0.05; done
            """));
        agent.Config = agent.Config with { Grace = TimeSpan.FromSeconds(1) };
        agent.Start();
        await agent.Until(AgentPhase.Healthy);
        await Eventually.True(async () => (await agent.Lines()).Length == 1);
        var child = int.Parse((await agent.Lines())[0], System.Globalization.CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();

        await agent.Stop();

        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(1), "It was not given its time.");
        Assert.Empty(agent.Pids());
        await Eventually.True(() => ProcFs.Stat(child) is null or { Alive: false });
    }
}
