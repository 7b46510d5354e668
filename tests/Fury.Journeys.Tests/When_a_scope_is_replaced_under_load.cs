using Fury.Cli.Load;
using Fury.Deployments.Contracts;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>
/// Blue-Green while requests flow: closed and open loop at once, on keep-alive connections, some of them taking 2 seconds. The load
/// generator never repeats a request, so each that is lost is counted.
/// </summary>
public sealed class When_a_scope_is_replaced_under_load(ITestOutputHelper output)
{
    private const int Seed = 20261121;
    private const double OpenRate = 500;
    private const int ClosedConnections = 4;
    private static readonly TimeSpan LoadMax = TimeSpan.FromMinutes(4);

    /// <summary>The load goes on for so long once the deployment has ended.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("yarp")]
    [InlineData("haproxy")]
    public Task No_request_fails_and_none_reaches_the_old_pool_after_it_was_retired(string dataPlane) =>
        Replace(rounds: 1, Platform.Quick, dataPlane);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Twenty_times_in_a_row() => Replace(rounds: 20, Platform.Quick with { JudgeSeconds = 20, BakeSeconds = 10 });

    [Theory]
    [InlineData("answers errors", "HELLO_ERROR_RATE", "0.5")]
    [InlineData("never gets healthy", "HELLO_UNHEALTHY", "1")]
    [InlineData("crashes", "HELLO_CRASH_AFTER_REQUESTS", "200")]
    public async Task A_bad_candidate_goes_back_and_the_old_version_keeps_serving(string story, string key, string value)
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Register("1.0.0");
        await platform.Register("2.0.0", (key, value));
        await platform.DeployAndWait("1.0.0", "all-in");

        using var stop = new CancellationTokenSource();
        var load = Load(fury, stop.Token);
        var ended = await platform.DeployAndWait(
            "2.0.0", "blue-green", Platform.Quick with { ProvisionSeconds = 6, JudgeSeconds = 6, MaxRestarts = 1 });
        await Task.Delay(Afterwards);
        await stop.CancelAsync();
        var reports = await load;

        output.WriteLine($"{story}: {ended.Phase}, {ended.Reason}");
        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        foreach (var report in reports)
        {
            Tell(report);
            Assert.True(report.FailedNotBy("2.0.0") == 0, Failures(report, fury));
            Assert.True(report.ByVersion["1.0.0"] > 100);
        }

        await platform.AssertSettled("1.0.0");
    }

    private async Task Replace(int rounds, PolicyRequest policy, string dataPlane = "yarp")
    {
        await using var fury = await FuryProcess.Start(null, $"--Sidecar:DataPlane={dataPlane}", $"--Sidecar:Scope={Platform.Caller}");
        var platform = new Platform(fury);
        await platform.CreateHello();
        await platform.Depend();
        await platform.Register("1.0.0");
        await platform.Register("1.1.0");
        Assert.Equal(DeploymentPhase.Done, (await platform.DeployAndWait("1.0.0", "all-in")).Phase);

        for (var round = 0; round < rounds; round++)
        {
            var (old, next) = round % 2 == 0 ? ("1.0.0", "1.1.0") : ("1.1.0", "1.0.0");
            using var stop = new CancellationTokenSource();
            var load = Load(fury, stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(1));
            var ended = await platform.DeployAndWait(next, "blue-green", policy);
            await Task.Delay(Afterwards);
            await stop.CancelAsync();
            var reports = await load;

            output.WriteLine($"round {round}: {ended.Phase} in {(ended.EndedAt - ended.CreatedAt)!.Value.TotalSeconds:0.0} s");
            Assert.True(ended.Phase == DeploymentPhase.Done, $"{ended.Reason}\n{fury.Log}");
            var retiring = (await platform.Events(ended.Id)).First(entry => entry.Phase == DeploymentPhase.Retiring).At;
            foreach (var report in reports)
            {
                Tell(report);
                Assert.True(report.Failed == 0, Failures(report, fury));
                Assert.True(report.Versions.Single(seen => seen.Version == old).LastEndedAt <= retiring, $"{old} answered after it was retired.");
                Assert.True(report.Versions.Single(seen => seen.Version == next).LastSentAt > retiring, "The load ended too early to show it.");
            }

            await platform.AssertSettled(next);
        }
    }

    private static Task<LoadReport[]> Load(FuryProcess fury, CancellationToken stop)
    {
        var open = new LoadPlan(fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Rate = OpenRate,
            Duration = LoadMax,
            Connections = 128,
            Mix = LatencyMix.Seeded(Seed),
        };
        var closed = open with { Loop = LoadLoop.Closed, Connections = ClosedConnections, Mix = LatencyMix.Seeded(Seed + 1, "20:90,2000:1") };
        return Task.WhenAll(
            new LoadGenerator(open, TimeProvider.System).Run(stop), new LoadGenerator(closed, TimeProvider.System).Run(stop));
    }

    private void Tell(LoadReport report) => output.WriteLine(
        $"  {report.Requests} requests ({report.RequestsPerSecond:0}/s), {report.Failed} failed, by version {Platform.Show(report.ByVersion)}, "
        + $"sent at most {report.StartDelayMax.TotalMilliseconds:0} ms late, seed {Seed}");

    private static string Failures(LoadReport report, FuryProcess fury) =>
        string.Join(Environment.NewLine, report.Failures.Take(20).Select(Platform.Show).Append(fury.Log));
}
