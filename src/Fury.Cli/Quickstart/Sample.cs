using Fury.Catalog.Contracts;
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

    public static ApplicationName Application { get; } = ApplicationName.Parse("hello");

    public static ScopeRef Production { get; } = new(Application, ScopeName.Parse("production-web"));

    public static ScopeRef Test { get; } = new(Application, ScopeName.Parse("test-web"));

    public async Task Ensure(CancellationToken cancellation)
    {
        await Ensure(Routes.Application(Application), new { Team = "greeters", Criticality = "low" }, cancellation);
        await Ensure(Routes.Scope(Production), new { Compute = "standard", Workload = "web", HealthPath = "/health" }, cancellation);
        await Ensure(Routes.Scope(Test), new { Compute = "standard", Workload = "web", HealthPath = "/health" }, cancellation);
        await EnsureVersion(Good, [], cancellation);
        await EnsureVersion(Better, [], cancellation);
        await EnsureVersion(Bad, new() { ["HELLO_ERROR_RATE"] = "1" }, cancellation);
    }

    private async Task Ensure(string path, object wish, CancellationToken cancellation)
    {
        if (await api.Find(path, cancellation) is null)
        {
            await api.Put(path, wish, null, cancellation);
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
