using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Agent.Wire;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Agents;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Tests;

/// <summary>What agents tell, over loopback by a real Kestrel.</summary>
public sealed class AgentReportsTests : IAsyncLifetime, IDisposable
{
    private const string Lot = "00000000-0000-7000-8000-00000000000f";
    private static readonly Guid First = Guid.CreateVersion7(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1));
    private static readonly Guid Second = Guid.CreateVersion7(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(2));

    private static readonly PoolSpec Spec = new(
        PoolId.New(TimeProvider.System), Releases.Of(ScopeRef.Parse("shop/test-web"), 1), new("fake", "here", "instances"), 1, 0, 5);

    private static readonly DateTimeOffset Loss = new(2026, 3, 1, 12, 2, 0, TimeSpan.Zero);

    private readonly UsageInbox _usage = new();
    private readonly InMemoryPools _pools = new();
    private readonly HttpClient _http = new();
    private readonly AgentKey _key;
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-reports-").FullName;
    private WebApplication? _server;

    public AgentReportsTests()
    {
        _key = new(null, new FolderNode(_folder));
        var instance = Changes.NewInstance(InstanceId.New(TimeProvider.System), Guid.Parse(Lot), Releases.Here, launch: 1, Loss);
        _pools[Spec.Id] = Pool.New(Spec) with { Instances = [instance with { ProviderId = "here/i-1" }] };
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddModuleControllers([new StandardModule()]);
        builder.Services.AddSingleton<IAgentReports>(new AgentReports(new(TimeProvider.System), _usage, _pools, TimeProvider.System));
        builder.Services.AddSingleton(_key);
        builder.Services.AddSingleton(TimeProvider.System);
        _server = builder.Build();
        _server.MapControllers();
        await _server.StartAsync();
    }

    public void Dispose() => _http.Dispose();

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Of_several_reports_the_newest_counts_in_whatever_order_they_come()
    {
        foreach (var report in (AgentReport[])[Report(First, 2), Report(First, 1), Report(Second, 1), Report(First, 3), Report(Second, 1)])
        {
            Assert.Equal(HttpStatusCode.NoContent, (await Tell(report)).Status);
        }

        var kept = Assert.Single(_usage.Take());
        Assert.Equal((Second, 1, "i-1", 1.5), (kept.Boot, kept.Sequence, kept.ProviderId, kept.Usage!.CpuSeconds));
        Assert.Empty(_usage.Take());
    }

    [Fact]
    public async Task A_lot_speaks_for_itself_and_says_whole_things()
    {
        var (status, text) = await Tell(Report(First, 1) with { Lot = "lot-2" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains($"lot must be '{Lot}'", text, StringComparison.Ordinal);
        Assert.Contains("sequence must be 1 or more", (await Tell(Report(First, 0))).Text, StringComparison.Ordinal);
        Assert.Contains("boot must be a UUIDv7", (await Tell(Report(Guid.Empty, 1))).Text, StringComparison.Ordinal);
        Assert.Contains("providerId must be", (await Tell(Report(First, 1) with { ProviderId = "" })).Text, StringComparison.Ordinal);
        Assert.Contains("usage must be numbers", (await Tell(Report(First, 1) with { Usage = new(-1, 0, 0) })).Text, StringComparison.Ordinal);
        Assert.Contains("status", (await Send("{}"u8.ToArray(), _key.SecretOf(Lot))).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await Send("no json"u8.ToArray(), _key.SecretOf(Lot))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(Bytes(Report(First, 1)), _key.SecretOf("lot-2"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(Bytes(Report(First, 1)), null)).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Send(Encoding.UTF8.GetBytes(new string(' ', 70_000)), _key.SecretOf(Lot))).Status);
        Assert.Empty(_usage.Take());
    }

    /// <summary>Agents live as long as their instances, and hosts of before go on while others are newer.</summary>
    [Fact]
    public async Task An_agent_of_before_and_one_that_says_more_than_is_known_are_both_heard()
    {
        var old = Bytes(Report(First, 1));
        var newer = JsonNode.Parse(Bytes(Report(First, 2) with { AgentVersion = "1.5.0" }))!;
        newer["somethingNew"] = new JsonObject { ["of"] = 7 };

        Assert.DoesNotContain("agentVersion", Encoding.UTF8.GetString(old), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await Send(old, _key.SecretOf(Lot))).Status);
        Assert.Null(Assert.Single(_usage.Take()).AgentVersion);
        Assert.Equal(HttpStatusCode.NoContent, (await Send(Encoding.UTF8.GetBytes(newer.ToJsonString()), _key.SecretOf(Lot))).Status);
        Assert.Equal("1.5.0", Assert.Single(_usage.Take()).AgentVersion);
    }

    [Fact]
    public async Task What_tells_of_a_version_alone_is_kept_and_what_tells_of_neither_is_not()
    {
        await Tell(Report(First, 1) with { Usage = null });
        Assert.Empty(_usage.Take());
        await Tell(Report(First, 2) with { Usage = null, AgentVersion = "1.5.0" });
        Assert.Single(_usage.Take());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.4 beta")]
    [InlineData("1.4.0\n")]
    [InlineData("1.4.0-1234567890123456789012345678901234567890123456789012345678901")]
    public async Task A_version_is_1_to_64_visible_characters(string version)
    {
        var (status, text) = await Tell(Report(First, 1) with { AgentVersion = version });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("agentVersion must be 1 to 64 visible ASCII characters", text, StringComparison.Ordinal);
        Assert.Empty(_usage.Take());
    }

    [Fact]
    public async Task An_instance_that_is_taken_back_is_replaced_before_its_loss()
    {
        await Tell(Report(First, 1));

        var noticed = _pools[Spec.Id];
        Assert.Equal(Loss, Assert.Single(noticed.Instances).EndsAt);
        Assert.Equal(1, PoolPlan.Decide(noticed, Loss.AddMinutes(-2)).Launch);
        Assert.Empty(PoolPlan.Decide(noticed, Loss.AddMinutes(-2)).Terminate);
        Assert.Single(PoolPlan.Decide(noticed, Loss - PoolPlan.LeaveBefore).Terminate);
    }

    [Fact]
    public async Task An_instance_that_can_never_start_its_artifact_is_given_up_and_the_reason_is_the_pools_problem()
    {
        await Tell(Report(First, 1) with { Status = new(AgentPhase.Failed, "Its content has another digest.", 0, null) });

        var pool = _pools[Spec.Id];
        Assert.Equal(ReplicaPhase.Stopping, Assert.Single(pool.Instances).Phase);
        Assert.Contains("another digest", pool.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_of_what_is_not_on_record_any_more_is_told_so()
    {
        _pools[Spec.Id] = Pool.New(Spec);

        Assert.Equal(HttpStatusCode.NotFound, (await Tell(Report(First, 1))).Status);
    }

    private static AgentReport Report(Guid boot, long sequence) => new(
        Lot, "i-1", boot, sequence, DateTimeOffset.UnixEpoch, new(AgentPhase.Healthy, null, 0, new(NoticeKind.Interruption, Loss)), new(1.5, 1 << 20, 0));

    private static byte[] Bytes(AgentReport report) => JsonSerializer.SerializeToUtf8Bytes(report, FuryJson.Options);

    private Task<(HttpStatusCode Status, string Text)> Tell(AgentReport report) => Send(Bytes(report), _key.SecretOf(Lot));

    private async Task<(HttpStatusCode Status, string Text)> Send(byte[] body, string? secret)
    {
        var uri = AgentPaths.At(new Uri(_server!.Urls.Single()), AgentPaths.Reports);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        if (secret is not null)
        {
            AgentSignature.Add(request, secret, Lot, body, TimeProvider.System.GetUtcNow());
        }

        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed record FolderNode(string DataFolder) : INode
    {
        public string Name => "test";

        public Guid Incarnation => Guid.Empty;
    }
}
