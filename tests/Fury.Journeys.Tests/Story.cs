using System.Diagnostics;
using Fury.Cli.Load;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>A host with version 1.0.0 of the sample in production, load on its sidecar, and proxies of the test's own that send beside it.</summary>
internal sealed class Story : IAsyncDisposable
{
    private const int Seed = 20261126;
    private const double Rate = 200;
    private const int ReplicasMin = 2;

    private readonly ITestOutputHelper _output;
    private readonly FuryProcess _fury;
    private readonly List<string> _old;
    private readonly CancellationTokenSource _enough = new();
    private readonly Task<LoadReport> _load;

    private Story(ITestOutputHelper output, FuryProcess fury, Platform platform, IReadOnlyList<OwnProxy> proxies)
    {
        (_output, _fury, Platform, Proxies) = (output, fury, platform, proxies);
        _old = Living();
        var plan = new LoadPlan(fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Rate = Rate,
            Duration = TimeSpan.FromMinutes(5),
            Connections = 64,
            Mix = LatencyMix.Seeded(Seed),
        };
        _load = new LoadGenerator(plan, TimeProvider.System).Run(_enough.Token);
    }

    public Platform Platform { get; }

    /// <summary>The pool of 1.0.0.</summary>
    public PoolId Current => Proxies[0].Applied[0].Pools[0].Pool;

    public IReadOnlyList<OwnProxy> Proxies { get; }

    public static async Task<Story> Begin(ITestOutputHelper output, int proxies)
    {
        var fury = await FuryProcess.Start();
        try
        {
            var platform = new Platform(fury);
            await platform.CreateHello(ReplicasMin);
            await platform.Register("1.0.0");
            await platform.Register("1.1.0");
            await platform.DeployAndWait("1.0.0", "all-in");
            await platform.AssertSettled("1.0.0");
            var started = Enumerable.Range(0, proxies).Select(number => new OwnProxy(fury.Xds, $"proxy-{number}", Platform.Web, Seed + number).Start());
            return new Story(output, fury, platform, await Task.WhenAll(started));
        }
        catch
        {
            await fury.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every replica that the old version had at the beginning is alive: none was taken down, and none restarted.</summary>
    public bool AssertOldIsUntouched()
    {
        Assert.Equal(ReplicasMin, _old.Count);
        Assert.Equal(_old, Living());
        return true;
    }

    /// <summary>What the command line prints.</summary>
    public async Task<string> Cli(params string[] arguments)
    {
        using var fury = Process.Start(new ProcessStartInfo(
            Path.Combine(FuryProcess.Root, "src", "Fury.Cli", "bin", "Release", "net10.0", "fury"), [.. arguments, "--host", _fury.Api.ToString()])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await fury.StandardOutput.ReadToEndAsync();
        await fury.WaitForExitAsync();
        return output;
    }

    /// <summary>Ends the load on the sidecar, and says which of its requests were lost.</summary>
    public async Task<IReadOnlyList<LoadFailure>> LostBySidecar()
    {
        await _enough.CancelAsync();
        var report = await _load;
        _output.WriteLine($"sidecar: {report.Requests} requests, {report.Failed} failed, by version {Platform.Show(report.ByVersion)}");
        Assert.True(report.Requests > Rate, "There was no load.");
        return report.Failures;
    }

    public async Task AssertNoneLost()
    {
        Assert.Empty(await LostBySidecar());
        foreach (var proxy in Proxies)
        {
            _output.WriteLine($"{proxy.Name}: by version {Platform.Show(proxy.Answers)}, {proxy.Lost.Count} lost");
            Assert.True(proxy.Lost.Count == 0, $"{proxy.Name}: {string.Join('\n', proxy.Lost.Take(20))}\n{_fury.Log}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAny(_load);
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        await _fury.DisposeAsync();
        _enough.Dispose();
    }

    private List<string> Living() => [.. _fury.LiveInstances().Where(live => live.Version == "1.0.0").Select(live => $"{live.Id} {live.Pid}").Order()];
}
