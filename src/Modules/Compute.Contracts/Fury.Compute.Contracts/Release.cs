using Fury.Kernel;

namespace Fury.Compute.Contracts;

/// <summary>What to run, frozen: everything an engine needs to know of a release, and nothing of strategies or routes.</summary>
/// <param name="Id">The content hash over all of the other members.</param>
/// <param name="Scope">Whose release it is; the process learns its scope from the environment variable <c>SCOPE</c>.</param>
/// <param name="Artifact">What is started.</param>
/// <param name="Environment">Configuration of the version and the scope, merged; may not contain <c>SCOPE</c>, <c>PORT</c> or <c>FURY_*</c>.</param>
/// <param name="Size">What one replica gets.</param>
/// <param name="HealthPath">The path that answers 2xx once a replica can serve, e.g. <c>/health</c>.</param>
public sealed record ReleaseSpec(
    ReleaseId Id,
    ScopeRef Scope,
    VersionName Version,
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    InstanceSize Size,
    string HealthPath);

/// <summary>Where replicas run: provider / region / group, e.g. <c>local/this-machine/instances</c>.</summary>
/// <param name="Group">The name of a cluster, or <c>instances</c>.</param>
public sealed record Location(string Provider, string Region, string Group)
{
    public override string ToString() => $"{Provider}/{Region}/{Group}";
}
