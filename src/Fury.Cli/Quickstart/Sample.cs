using Fury.Catalog.Contracts;
using Fury.Cli.Clusters;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Versions;
using Fury.Kernel;

namespace Fury.Cli.Quickstart;

/// <summary>What the story plays with, made in the catalog once and found again by later runs.</summary>
internal sealed class Sample(FuryApi api, string folder)
{
    public const string Good = "1.0.0";
    public const string Better = "1.1.0";
    public const string Bad = "1.2.0";

    private const string Cluster = "local";

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HealthyWithin = TimeSpan.FromSeconds(60);

    public static ApplicationName Application { get; } = ApplicationName.Parse("hello");

    public static ScopeRef Production { get; } = new(Application, ScopeName.Parse("production-web"));

    public static ScopeRef Test { get; } = new(Application, ScopeName.Parse("test-web"));

    public async Task Ensure(CancellationToken cancellation)
    {
        await api.Ensure(Routes.Application(Application), new { Team = "greeters", Criticality = "low" }, cancellation);
        await api.Ensure(Routes.Scope(Production), new { Compute = "standard", Workload = "web", HealthPath = "/health" }, cancellation);
        await api.Ensure(Routes.Scope(Test), new { Compute = "standard", Workload = "web", HealthPath = "/health" }, cancellation);
        await EnsureVersion(Good, [], cancellation);
        await EnsureVersion(Better, [], cancellation);
        await EnsureVersion(Bad, new() { ["HELLO_ERROR_RATE"] = "1" }, cancellation);
    }

    /// <summary>Registers the cluster of this machine, and waits until it may be given work.</summary>
    public async Task EnsureCluster(string kubeconfig, TimeProvider clock, CancellationToken cancellation)
    {
        var path = Routes.Cluster(Cluster);
        var location = new { Provider = "local", Region = "this-machine", Zones = new[] { "local-a", "local-b", "local-c" }, Kubeconfig = kubeconfig };
        await api.Put(path, location, null, cancellation);
        for (var began = clock.GetTimestamp(); ; await Task.Delay(LookPeriod, clock, cancellation))
        {
            var seen = (await api.Get(path, cancellation)).Read<ClusterRecord>();
            if (seen.Health == "healthy")
            {
                return;
            }

            if (clock.GetElapsedTime(began) > HealthyWithin)
            {
                throw new CommandFailure(ExitCode.Failed, $"Cluster {Cluster} is not healthy after {HealthyWithin.TotalSeconds} s: {seen.Why}");
            }
        }
    }

    /// <summary>From now on the scope's releases are for this compute kind.</summary>
    public async Task Move(ScopeRef scope, ComputeKind compute, CancellationToken cancellation)
    {
        var known = (await api.Get(Routes.Scope(scope), cancellation)).Read<Scope>();
        if (known.Compute != compute)
        {
            var wish = new { Compute = Word.Of(compute), Workload = "web", HealthPath = "/health" };
            await api.Put(Routes.Scope(scope), wish, $"{known.Revision}", cancellation);
        }
    }

    // A version never changes. One that an earlier run registered serves as well, though the sample may have been built anew since.
    private async Task EnsureVersion(string version, Dictionary<string, string> environment, CancellationToken cancellation)
    {
        environment["HELLO_VERSION"] = version;
        var path = Routes.Version(Application, VersionName.Parse(version));
        if (await api.Find(path, cancellation) is not { } found)
        {
            var command = OperatingSystem.IsWindows() ? "hello.exe" : "hello";
            await api.Put(path, VersionCommand.Body(folder, command, [], environment), null, cancellation);
        }
        else if (Variables.Line(found.Read<ApplicationVersion>().Environment) is var other && other != Variables.Line(environment))
        {
            throw new CommandFailure(
                ExitCode.Failed,
                $"There is a version {version} of {Application} that is not the quickstart's.",
                [
                    $"Its environment is '{other}', not '{Variables.Line(environment)}'.",
                    "Start the host on another data folder to run the quickstart: ./dev up --data FOLDER",
                ]);
        }
    }
}
