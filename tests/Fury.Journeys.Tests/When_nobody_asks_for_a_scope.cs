using System.Net;
using Fury.Cli.Load;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>A scope sleeps, is woken by requests that all get their answers, and then follows the requests and the clock.</summary>
public sealed class When_nobody_asks_for_a_scope(ITestOutputHelper output)
{
    private const int Seed = 20261127;

    [Fact]
    public async Task It_sleeps_until_requests_wake_it_and_grows_with_them()
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello(replicas: 1);
        await platform.Register("1.0.0");
        await platform.DeployAndWait("1.0.0", "all-in");
        await platform.AssertSettled("1.0.0");

        await platform.Scale(new { sleepAfterSeconds = 10 }, replicas: 1);
        await Platform.Until(TimeSpan.FromSeconds(60), () => $"It does not sleep.\n{fury.Log}", async () =>
            await platform.Status() is { AsleepSince: not null, Pools: [{ Ready: 0, Wanted: 0, Replicas: [] }] } && fury.LiveInstances().Count == 0);
        Assert.Equal((1, 0), await SleepsAndWakes(fury));

        var began = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ask(fury)));
        output.WriteLine($"20 requests woke it in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.00} s.");
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, "1.0.0"), answer));
        await platform.AssertSettled("1.0.0");
        Assert.Null((await platform.Status()).AsleepSince);
        Assert.Equal((1, 1), await SleepsAndWakes(fury));

        using var enough = new CancellationTokenSource();
        var load = Load(fury, enough.Token);

        // The requests that have woken it were work for two.
        await platform.Scale(new { inFlightPerReplica = 10 }, replicas: 1);
        await Sized(fury, platform, 4);
        await platform.Scale(new { schedules = new[] { new { cron = "* * * * *", timeZone = "America/Sao_Paulo", minReplicas = 2 } } }, replicas: 1);
        await Sized(fury, platform, 2);
        await enough.CancelAsync();
        var report = await load;

        output.WriteLine($"{report.Requests} requests, {report.Failed} failed, seed {Seed}");
        Assert.True(report.Requests > 50);
        Assert.True(report.Failed == 0, string.Join('\n', report.Failures.Take(20).Select(Platform.Show).Append(fury.Log)));
        Assert.Equal((1, 1), await SleepsAndWakes(fury));
    }

    /// <summary>32 requests in flight at all times.</summary>
    private static Task<LoadReport> Load(FuryProcess fury, CancellationToken stop) => new LoadGenerator(
        new LoadPlan(fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Loop = LoadLoop.Closed,
            Connections = 32,
            Duration = TimeSpan.FromMinutes(2),
            Mix = LatencyMix.Seeded(Seed, "200:1"),
        },
        TimeProvider.System).Run(stop);

    private static Task Sized(FuryProcess fury, Platform platform, int replicas) => Platform.Until(
        TimeSpan.FromSeconds(60),
        () => $"It does not have {replicas} replicas.\n{fury.Log}",
        async () => await platform.Status() is { Pools: [{ } only] } && (only.Ready, only.Wanted) == (replicas, replicas));

    private static async Task<(HttpStatusCode Status, string? Version)> Ask(FuryProcess fury)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, fury.Sidecar) { Headers = { Host = Platform.WebHost } };
        using var answer = await fury.Client.SendAsync(request);
        return (answer.StatusCode, answer.Headers.TryGetValues("x-version", out var values) ? values.Single() : null);
    }

    private static async Task<(int Sleeps, int Wakes)> SleepsAndWakes(FuryProcess fury)
    {
        var lines = (await fury.Client.GetStringAsync("/metrics")).Split('\n');
        return (Value("fury_scopes_slept"), Value("fury_scopes_woken"));

        int Value(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? (int)double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)
            : 0;
    }
}
