using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Fury.Cli.Load;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>The host of both stories, with one replica of the sample's 1.0.0.</summary>
public sealed class ScaledHost : IAsyncLifetime
{
    internal FuryProcess Fury { get; private set; } = null!;

    internal Platform Platform { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Fury = await FuryProcess.Start();
        Platform = new Platform(Fury);
        await Platform.CreateHello(replicas: 1);
        await Platform.Register("1.0.0");
        Assert.Equal(DeploymentPhase.Done, (await Platform.DeployAndWait("1.0.0", "all-in")).Phase);
    }

    public async Task DisposeAsync() => await Fury.DisposeAsync();
}

/// <summary>A scope without requests runs nothing; the next ones wake it and none is lost. Its size follows the clock and its requests.</summary>
public sealed class When_a_scope_sleeps(ScaledHost host, ITestOutputHelper output) : IClassFixture<ScaledHost>
{
    private const int Seed = 20261127;
    private const int Clients = 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Requests_wake_it_and_none_is_lost_neither_then_nor_while_it_goes_to_sleep()
    {
        var (fury, platform) = (host.Fury, host.Platform);
        await Scale(fury, new { sleepAfterSeconds = 10 });

        // The moment it is said to sleep its replica may still serve, or be on its way out: some of these are answered by it, some are held.
        await Until(fury, platform, "asleep", status => status.AsleepSince is not null);
        Assert.All(await AtOnce(fury), answer => Assert.Equal((HttpStatusCode.OK, "1.0.0"), answer));

        await Until(fury, platform, "asleep, without a process", status => status.AsleepSince is not null && fury.LiveInstances().Count == 0);
        var before = await Woken(fury);
        Assert.All(await AtOnce(fury), answer => Assert.Equal((HttpStatusCode.OK, "1.0.0"), answer));

        Assert.Equal(before + 1, await Woken(fury));
        Assert.Single(fury.LiveInstances());
        await Until(fury, platform, "awake", status => status.AsleepSince is null);
        await platform.AssertSettled("1.0.0");
    }

    [Fact]
    public async Task Its_floor_follows_the_clock_and_its_requests_without_a_deployment()
    {
        var (fury, platform) = (host.Fury, host.Platform);

        await Scale(fury, new { schedules = new[] { new { cron = "* * * * *", timeZone = "Europe/Madrid", minReplicas = 3 } } });
        await Until(fury, platform, "of 3 replicas", status => status.Pools is [{ Wanted: 3, Ready: 3 }]);
        await Scale(fury, new { inFlightPerReplica = 2 });
        await Until(fury, platform, "of 1 replica", status => status.Pools is [{ Wanted: 1, Ready: 1 }] && fury.LiveInstances().Count == 1);

        using var enough = new CancellationTokenSource();
        var plan = new LoadPlan(fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Loop = LoadLoop.Closed,
            Connections = 8,
            Duration = TimeSpan.FromMinutes(1),
            Mix = LatencyMix.Seeded(Seed, "500:1"),
        };
        var load = new LoadGenerator(plan, TimeProvider.System).Run(enough.Token);
        await Until(fury, platform, "of 4 replicas", status => status.Pools is [{ Wanted: 4, Ready: 4 }]);
        await enough.CancelAsync();
        var report = await load;

        output.WriteLine($"{report.Requests} requests, {report.Failed} failed, seed {Seed}");
        Assert.True(report.Failed == 0, string.Join('\n', report.Failures.Take(20).Select(Platform.Show).Append(fury.Log)));
    }

    private static async Task Scale(FuryProcess fury, object scaling)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Platform.Scopes}/production-web")
        {
            Content = JsonContent.Create(new { minReplicas = 1, maxReplicas = 4, scaling }, options: FuryJson.Options),
            Headers = { { "If-Match", "*" } },
        };
        using var answer = await fury.Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task Until(FuryProcess fury, Platform platform, string how, Func<ScopeStatus, bool> condition)
    {
        ScopeStatus? status = null;
        return Platform.Until(
            Soon, () => $"It is not {how}: {Platform.Show(status)}\n{fury.Log}", async () => condition(status = await platform.Status()));
    }

    /// <summary>The status and the version that each client got.</summary>
    private async Task<IReadOnlyList<(HttpStatusCode Status, string Version)>> AtOnce(FuryProcess fury)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, fury.Sidecar) { Headers = { Host = Platform.WebHost } };
            using var answer = await fury.Client.SendAsync(request);
            return (answer.StatusCode, answer.Headers.TryGetValues("x-version", out var values) ? values.Single() : await answer.Content.ReadAsStringAsync());
        }));
        output.WriteLine($"{Clients} requests answered within {TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        return answers;
    }

    /// <summary>How often a request has woken a scope; nothing is told of what has not happened yet.</summary>
    private static async Task<double> Woken(FuryProcess fury) => (
        from line in (await fury.Client.GetStringAsync("/metrics")).Split('\n')
        where line.StartsWith("fury_scopes_woken", StringComparison.Ordinal)
        select double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).FirstOrDefault();
}
