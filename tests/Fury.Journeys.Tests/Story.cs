using System.Net;
using Fury.Cli.Load;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>The host of all stories of a class, with two versions of the sample.</summary>
public sealed class StoryHost : IAsyncLifetime
{
    internal const int Replicas = 2;

    internal FuryProcess Fury { get; private set; } = null!;

    internal Platform Platform { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Fury = await FuryProcess.Start();
        Platform = new Platform(Fury);
        await Platform.CreateHello(Replicas);
        await Platform.Register("1.0.0");
        await Platform.Register("1.1.0");
    }

    public async Task DisposeAsync() => await Fury.DisposeAsync();
}

/// <summary>Version 1.0.0 of the sample in production, load on the host's sidecar, and proxies of the test's own that send beside it.</summary>
internal sealed class Story : IAsyncDisposable
{
    private const int Seed = 20261126;
    private const double Rate = 200;

    private readonly ITestOutputHelper _output;
    private readonly StoryHost _host;
    private readonly List<string> _old;
    private readonly CancellationTokenSource _enough = new();
    private readonly Task<LoadReport> _load;

    private Story(ITestOutputHelper output, StoryHost host, IReadOnlyList<OwnProxy> proxies)
    {
        (_output, _host, Proxies) = (output, host, proxies);
        _old = Living();
        var plan = new LoadPlan(host.Fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Rate = Rate,
            Duration = TimeSpan.FromMinutes(5),
            Connections = 64,
            Mix = LatencyMix.Seeded(Seed),
        };
        _load = new LoadGenerator(plan, TimeProvider.System).Run(_enough.Token);
    }

    public Platform Platform => _host.Platform;

    /// <summary>The pool of 1.0.0.</summary>
    public PoolId Current => Proxies[0].Applied[0].Pools[0].Pool;

    public IReadOnlyList<OwnProxy> Proxies { get; }

    /// <param name="kind">What the proxies are called; a number follows.</param>
    public static async Task<Story> Begin(StoryHost host, ITestOutputHelper output, string kind, int proxies)
    {
        var platform = host.Platform;
        if (await platform.Status() is not { InProgress: null, Version.Value: "1.0.0" })
        {
            var first = await platform.Deploy("1.0.0", "all-in", new PolicyRequest(), "replace");
            Assert.Equal(DeploymentPhase.Done, (await platform.Ended(first.Id, TimeSpan.FromSeconds(90))).Phase);
        }

        await platform.AssertSettled("1.0.0");
        var started = Enumerable.Range(0, proxies).Select(
            number => new OwnProxy(host.Fury.Xds, $"{kind}-{number}", Platform.Web, Seed + number).Start());
        return new Story(output, host, await Task.WhenAll(started));
    }

    /// <summary>Every replica that the old version had at the beginning is alive: none was taken down, and none restarted.</summary>
    public bool OldIsUntouched => _old.Count == StoryHost.Replicas && _old.SequenceEqual(Living());

    /// <summary>What the command line prints.</summary>
    public async Task<string> Cli(params string[] arguments) => (await FuryCli.Run(_host.Fury, arguments)).Output;

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
            Assert.True(proxy.Lost.Count == 0, $"{proxy.Name}: {string.Join('\n', proxy.Lost.Take(20))}\n{_host.Fury.Log}");
        }
    }

    /// <summary>The proxies go, and are forgotten, so that they hold up no other story.</summary>
    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAny(_load);
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
            await Platform.Until(TimeSpan.FromSeconds(60), () => $"{proxy.Name} is not forgotten.", async () =>
            {
                using var forgotten = await _host.Fury.Client.DeleteAsync($"/api/v1/mesh/proxies/{proxy.Name}");
                using var known = await _host.Fury.Client.GetAsync($"/api/v1/mesh/proxies/{proxy.Name}");
                return known.StatusCode == HttpStatusCode.NotFound;
            });
        }

        _enough.Dispose();
    }

    private List<string> Living() => [.. _host.Fury.LiveInstances().Where(live => live.Version == "1.0.0").Select(live => $"{live.Id} {live.Pid}").Order()];
}
