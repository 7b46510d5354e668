using System.Collections.Concurrent;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>Every scope there is, and versions whose artifact is a shell script.</summary>
public sealed class FakeCatalog : ICatalog, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-test-scripts-");
    private readonly ConcurrentDictionary<VersionName, Artifact> _artifacts = new();
    private int _versions;

    /// <summary>A folder that scripts may write to: <c>$DATA</c>.</summary>
    public string Data => _folder.FullName;

    /// <summary>A version that runs this; <c>other</c> is another command in it.</summary>
    public VersionName Script(string script)
    {
        var number = Interlocked.Increment(ref _versions);
        var folder = _folder.CreateSubdirectory($"{number}").FullName;
        Write("run", script);
        Write("other", "echo other $@");
        return Version(number, new($"file://{folder}", $"sha256:{new string('0', 64)}", "run", ["an", "argument"]));

        void Write(string name, string text)
        {
            var file = Path.Combine(folder, name);
            File.WriteAllText(file, $"#!/bin/sh\n{text}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    /// <summary>A version whose artifact is nowhere.</summary>
    public VersionName Nowhere() =>
        Version(Interlocked.Increment(ref _versions), new("file:///nowhere/at-all", $"sha256:{new string('0', 64)}", "run", []));

    public Task<Outcome<Application>> FindApplication(ApplicationName application, CancellationToken cancellation) =>
        Task.FromResult<Outcome<Application>>(new Application(application, "team", Criticality.Low, 1, DateTimeOffset.UnixEpoch));

    public Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation) => Task.FromResult<Outcome<Scope>>(new Scope(
        scope, ComputeKind.Serverless, Criticality.Low, WorkloadType.Job, new(100, 64), 1, 1, Environment(), "/health", 1, DateTimeOffset.UnixEpoch));

    public Task<ScopesFound> ScopesIn(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation) =>
        Task.FromResult(new ScopesFound([], []));

    public Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Scope>>([]);

    public Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation) =>
        Task.FromResult<Outcome<Release>>(_artifacts.TryGetValue(version, out var artifact)
            ? new Release(
                ReleaseId.Parse("00000000000000aa"), scope, version, artifact, Environment(), ComputeKind.Serverless, new(100, 64), 1, 1, "/health",
                DateTimeOffset.UnixEpoch)
            : Fault.NotFound("version", version));

    public Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation) =>
        Task.FromResult<Outcome<Release>>(Fault.NotFound("release", release));

    public void Dispose() => _folder.Delete(recursive: true);

    private Dictionary<string, string> Environment() => new() { ["DATA"] = Data };

    private VersionName Version(int number, Artifact artifact)
    {
        var version = VersionName.Parse($"1.{number}.0");
        _artifacts[version] = artifact;
        return version;
    }
}
