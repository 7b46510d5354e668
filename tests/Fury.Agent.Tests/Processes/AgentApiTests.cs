using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Agent.Tests.Processes;

/// <summary>What an agent answers to the platform, and to nobody else.</summary>
public sealed class AgentApiTests : IAsyncLifetime
{
    private static readonly string[] Paths = [AgentPaths.Status, AgentPaths.Logs, "/", "/v1/other"];

    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public async Task DisposeAsync() => await _platform.DisposeAsync();

    [Fact]
    public async Task Nothing_is_answered_without_the_signature_of_the_lot()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving).Start();
        await agent.Until(AgentPhase.Healthy);
        foreach (var path in Paths)
        {
            using var unsigned = await agent.Client.GetAsync(path);
            using var other = await agent.Ask(path, new string('0', 64));
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (unsigned.StatusCode, other.StatusCode));
        }

        // A signature is of one target.
        using var request = new HttpRequestMessage(HttpMethod.Get, AgentPaths.Logs);
        request.Headers.Add(AgentSignature.Header, AgentSignature.Of(
            FakePlatform.Secret, FakePlatform.Lot, new("GET", AgentPaths.Status), TimeProvider.System.GetUtcNow()).ToString());
        using var moved = await agent.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, moved.StatusCode);

        using var right = await agent.Ask(AgentPaths.Status);
        Assert.Equal(AgentPhase.Healthy, (await right.Content.ReadFromJsonAsync<AgentStatus>(FuryJson.Options))!.Phase);
    }

    [Fact]
    public async Task Lines_come_while_they_are_written_until_the_agent_is_gone()
    {
        var script = "n=0; while :; do n=$((n+1)); [ $((n % 20000)) = 0 ] && echo \"line $n\"; done";
        await using var agent = AgentUnderTest.Of(_platform, new Tars().Script("run", script)).Start();
        await agent.Until(AgentPhase.Healthy);
        using var http = new HttpClient();
        var settings = new AgentSettings(AgentCloud.None, _platform.Address, new Dictionary<Architecture, AgentBinary>(), 8080, TimeSpan.Zero)
        {
            AgentPort = agent.Port,
        };
        var agents = new CloudAgents(settings, _ => FakePlatform.Secret, http, TimeProvider.System);
        var instance = new ProviderInstance(
            "r/i-1", "t", ProviderInstanceState.Running, "127.0.0.1", 8080, 0, null, new Dictionary<string, string> { [AgentPaths.LotTag] = FakePlatform.Lot });

        var numbers = new List<int>();
        using var enough = new CancellationTokenSource(Eventually.Deadline);
        await foreach (var line in agents.Logs(instance, 1, follow: true, enough.Token))
        {
            numbers.Add(int.Parse(line.Text.Split(' ')[1], CultureInfo.InvariantCulture));
            if (numbers.Count == 5)
            {
                break;
            }
        }

        Assert.True(agent.Told is { Usage: { MemoryBytes: > 100_000, OutOfMemoryKills: 0 } }, $"{agent.Told}");
        Assert.Equal(Enumerable.Range(0, 5).Select(step => numbers[0] + (step * 20_000)), numbers);

        await agent.Stop();
        Assert.Empty(await agents.Logs(instance, 1, follow: false, default).ToListAsync());
    }

    [Fact]
    public async Task A_notice_of_the_cloud_is_told_with_the_time_of_the_loss()
    {
        _platform.Metadata["/latest/meta-data/instance-id"] = "i-0abc";
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving);
        agent.Config = agent.Config with { Identity = new(AgentCloud.Aws, Metadata: _platform.Address) };
        _platform.Metadata["/latest/meta-data/events/recommendations/rebalance"] = """{"noticeTime":"2026-11-27T17:00:00Z"}""";
        _platform.Metadata["/latest/meta-data/spot/instance-action"] = """{"action":"terminate","time":"2026-11-27T17:02:00Z"}""";
        agent.Start();

        await agent.Until(AgentPhase.Healthy);

        await Eventually.True(() => agent.Told is { ProviderId: "i-0abc", Status.Notice: { Kind: NoticeKind.Interruption } notice }
            && notice.LossAt == DateTimeOffset.Parse("2026-11-27T17:02:00Z", CultureInfo.InvariantCulture), because: $"{agent.Told}");
        Assert.Contains("started as i-0abc", (await agent.Lines())[0], StringComparison.Ordinal);
    }
}
