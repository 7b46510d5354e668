using System.Diagnostics;
using Fury.Cli.Load;
using Fury.Deployments.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>
/// A scope in the instances of EC2 gets requests, loses an instance, and moves to Compute Engine. Both clouds are strict fakes on loopback; the host, the agent
/// in each instance and the application are real processes, and each instance has an address of its own.
/// </summary>
public sealed class When_a_scope_moves_to_another_cloud(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Aws = "aws/us-east-1/instances";
    private const string Google = "gcp/europe-west1/instances";
    private const int Replicas = 3;
    private const int Seed = 20261127;
    private const double Rate = 200;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private FakeAws _aws = null!;
    private FakeGoogle _google = null!;
    private RealAgents _agents = null!;
    private FuryProcess _fury = null!;
    private Platform _platform = null!;

    public async Task InitializeAsync()
    {
        (_aws, _google) = (await FakeAws.Start(), await FakeGoogle.Start());
        _agents = RealAgents.Inside(_aws, _google);
        var user = _aws.User("fury");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", user.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", user.Secret);
        _fury = await FuryProcess.Start(
            null,
            "--Fury:Agents:Amd64:Uri=https://agents.example/fury-agent.tar.gz", $"--Fury:Agents:Amd64:Digest=sha256:{new string('0', 64)}",
            "--Fury:Aws:Regions:0=us-east-1", $"--Fury:Aws:Endpoints:Ec2={_aws.Address}", $"--Fury:Aws:Endpoints:Sts={_aws.Address}",
            $"--Fury:Aws:Endpoints:Eks={_aws.Address}", $"--Fury:Aws:ImageIds:us-east-1:Amd64={FakeAws.ImageAmd64}",
            $"--Fury:Aws:ImageIds:us-east-1:Arm64={FakeAws.ImageArm64}", "--Fury:Aws:InstanceTypes:0=m7i.*",
            $"--Fury:Gcp:Project={FakeGoogle.Project}", "--Fury:Gcp:Regions:0=europe-west1", $"--Fury:Gcp:Endpoint={_google.Home}",
            $"--Fury:Gcp:ContainerEndpoint={_google.Home}", $"--Fury:Gcp:CredentialFile={_google.CredentialFile}", "--Fury:Gcp:MachineTypes:0=n2-*",
            "--Fury:Standard:SweepPeriod=00:00:02");
        _platform = new Platform(_fury);
    }

    public async Task DisposeAsync()
    {
        await _fury.DisposeAsync();
        await _agents.DisposeAsync();
        await _aws.DisposeAsync();
        await _google.DisposeAsync();
    }

    [Fact]
    public async Task No_request_fails_a_dead_instance_is_replaced_and_nothing_is_left_behind()
    {
        await _platform.CreateHello(Replicas);
        await _platform.Register("1.0.0");
        await Done(await _platform.Deploy(new("1.0.0", "all-in", Platform.Quick with { JudgeSeconds = 0 }) { Locations = [new(Aws)] }));
        await Settled(Aws, _aws);
        Tell("it runs in EC2");

        using var stop = new CancellationTokenSource();
        var load = Load(stop.Token);
        var victim = Up(_aws)[0];
        _aws.Kill(victim.Id);
        await Settled(Aws, _aws);
        Tell("the instance that died is replaced");

        var moving = await _platform.Deploy(new(null, "migration", Platform.Quick) { To = Google, Steps = [new(50, "timed", 2), new(100, "timed", 2)] });
        await Platform.Until(Within, () => Why("it waits to be finalised"), async () =>
        {
            moving = await _platform.Find(moving.Id);
            Assert.False(moving.Ended, Why($"it goes on: {moving.Phase}, {moving.Reason}"));
            return moving.Held?.Cause == "finalise";
        });
        Tell("all requests go to Compute Engine");
        Assert.Equal((Replicas, Replicas), (Up(_aws).Count, Up(_google).Count));
        await _platform.Order(moving.Id, "finalise");
        await Done(moving);
        await Settled(Google, _google);
        Tell("nothing is left in EC2");
        await stop.CancelAsync();
        var report = await load;

        output.WriteLine($"{report.Requests} requests, {report.Failed} failed, seed {Seed}");
        Assert.True(report is { Failed: 0, Requests: > 1000 }, string.Join('\n', report.Failures.Take(20).Select(Platform.Show).Append(Why("none fails"))));
        Assert.Equal((Replicas + 1, Replicas), (_aws.Made, _google.Made));
    }

    private static List<CloudMachine> Up(IMachines cloud) => [.. cloud.Machines().Where(machine => machine.IsUp)];

    /// <summary>All replicas are ready there and nowhere else, and these instances are all that there are, at either cloud and on this machine.</summary>
    private Task Settled(string location, IMachines cloud)
    {
        ScopeStatus? status = null;
        return Platform.Until(Within, () => Why($"all is at {location}: {Platform.Show(status)}"), async () =>
        {
            status = await _platform.Status();
            var addresses = Up(cloud).Select(machine => machine.Address).Order(StringComparer.Ordinal).ToList();
            return status is { InProgress: null, Pools: [{ Weight: 100, Ready: Replicas } only] } && only.Location == location
                && addresses.SequenceEqual(_agents.Living) && addresses.Count == Replicas
                && addresses.SequenceEqual(only.Replicas.Select(replica => replica.Address!).Order(StringComparer.Ordinal));
        });
    }

    private async Task Done(Deployment deployment)
    {
        var ended = await _platform.Ended(deployment.Id, Within);
        Assert.True(ended.Phase == DeploymentPhase.Done, Why($"{ended.Phase}, {ended.Reason}"));
    }

    private Task<LoadReport> Load(CancellationToken stop) => new LoadGenerator(
        new LoadPlan(_fury.Sidecar)
        {
            HostHeader = Platform.WebHost,
            Rate = Rate,
            Duration = TimeSpan.FromMinutes(5),
            Connections = 64,
            Mix = LatencyMix.Seeded(Seed),
        },
        TimeProvider.System).Run(stop);

    private void Tell(string what) => output.WriteLine($"{_time.Elapsed.TotalSeconds,5:0.0} s  {what}");

    private string Why(string what) => $"{what}\n{_fury.Log}\n{_agents.Log}";
}
