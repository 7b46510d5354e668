using System.Net;
using System.Net.Http.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;
using Fury.Testing;

namespace Fury.Agent.Tests.Processes;

/// <summary>What an agent sees and says while its process runs, and what is left of one that was killed.</summary>
public sealed class AgentWatchTests : IAsyncLifetime
{
    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public async Task DisposeAsync() => await _platform.DisposeAsync();

    [Fact]
    public async Task An_agent_that_was_killed_ends_what_it_has_left_and_goes_on_with_what_it_has_fetched()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving).Start();
        await agent.Until(AgentPhase.Healthy);
        var (pid, boot) = (Assert.Single(agent.Pids()), agent.Told!.Boot);
        await agent.Stop(signal: 9);
        Assert.Equal([pid], agent.Pids());

        agent.Start();

        await Eventually.True(() => agent.Told is { Status.Phase: AgentPhase.Healthy } told && told.Boot != boot, because: agent.Log);
        Assert.False(ProcFs.Stat(pid) is { Alive: true }, "What the first agent has started still runs.");
        Assert.NotEqual(pid, Assert.Single(agent.Pids()));
        Assert.True(agent.Told!.Boot.CompareTo(boot) > 0);
        Assert.Single(_platform.Asked);
    }

    [Fact]
    public async Task Health_is_what_the_process_answers()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving).Start();
        await agent.Until(AgentPhase.Healthy);

        _platform.IsHealthy = false;
        await agent.Until(AgentPhase.Unhealthy);
        Assert.Equal("/health answers 503.", agent.Told!.Status.Reason);
        _platform.IsHealthy = true;

        await agent.Until(AgentPhase.Healthy);
        Assert.Equal(0, agent.Told!.Status.Restarts);
    }

    [Fact]
    public async Task A_platform_that_was_away_hears_what_is_so_now()
    {
        _platform.IsDown = true;
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving).Start();
        await Eventually.True(async () => await StatusOf(agent) is { Phase: AgentPhase.Healthy });
        Assert.Empty(_platform.Reports);

        _platform.IsDown = false;

        await agent.Until(AgentPhase.Healthy);
        // One may have been on its way for all that time.
        Assert.All(_platform.Reports.Skip(1), report => Assert.Equal(AgentPhase.Healthy, report.Status.Phase));
        Assert.True(_platform.Reports.First().Sequence > 1);
    }

    [Fact]
    public async Task A_sidecar_runs_beside_the_process_where_it_is_wanted()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving);
        agent.Config = agent.Config with
        {
            Sidecar = new Dictionary<string, string> { ["Listen"] = "http://127.0.0.1:0", ["ControlPlanes"] = "http://127.0.0.1:1", ["Name"] = "sidecar-7" },
        };
        agent.Start();

        await agent.Until(AgentPhase.Healthy);
        Assert.Contains("Sidecar sidecar-7 listens on", agent.Log, StringComparison.Ordinal);
        await agent.Stop();
    }

    private static async Task<AgentStatus?> StatusOf(AgentUnderTest agent)
    {
        try
        {
            using var answer = await agent.Ask(AgentPaths.Status);
            return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadFromJsonAsync<AgentStatus>(FuryJson.Options) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
