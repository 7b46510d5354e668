using System.Globalization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Benchmarks.Rollouts;

/// <summary>As many scopes as are asked for, each with every version. It keeps nothing, so it is the same after a restart.</summary>
internal sealed class SimulatedCatalog : ICatalog
{
    public const int Replicas = 4;

    private const string Prefix = "bench/production-s";

    private static readonly InstanceSize Size = new(1000, 512);
    private static readonly Dictionary<string, string> NoEnvironment = [];

    public static ScopeRef Scope(int number) => ScopeRef.Parse($"{Prefix}{number}");

    public Task<Outcome<Application>> FindApplication(ApplicationName application, CancellationToken cancellation) =>
        Task.FromResult<Outcome<Application>>(new Application(application, "bench", Criticality.High, 1, default));

    public Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation) => Task.FromResult<Outcome<Scope>>(
        new Scope(scope, ComputeKind.Standard, Criticality.High, WorkloadType.Web, Size, 1, 40, NoEnvironment, "/health", 1, default));

    public Task<ScopesFound> ScopesIn(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation) =>
        Task.FromResult(new ScopesFound([], []));

    public Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Scope>>([]);

    /// <summary>A release's id holds its scope's number and its version's first part.</summary>
    public Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation)
    {
        var number = int.Parse($"{scope}"[Prefix.Length..], CultureInfo.InvariantCulture);
        var major = int.Parse(version.Value.Split('.')[0], CultureInfo.InvariantCulture);
        return FindRelease(ReleaseId.Parse($"{number:x8}{major:x8}"), cancellation);
    }

    public Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation)
    {
        var scope = Scope(int.Parse(release.Value[..8], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        var version = VersionName.Parse($"{int.Parse(release.Value[8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)}.0.0");
        var artifact = new Artifact("file:///bench", $"sha256:{new string('0', 64)}", "bench", []);
        return Task.FromResult<Outcome<Release>>(
            new Release(release, scope, version, artifact, NoEnvironment, ComputeKind.Standard, Size, Replicas, 40, "/health", default));
    }
}
