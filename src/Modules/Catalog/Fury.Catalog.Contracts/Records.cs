using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>A microservice.</summary>
/// <param name="Team">The owning team.</param>
/// <param name="Revision">Grows with each change; it is the ETag.</param>
public sealed record Application(ApplicationName Name, string Team, Criticality Criticality, long Revision, DateTimeOffset CreatedAt);

/// <summary>The unit that is deployed, scaled and routed to.</summary>
/// <param name="MinReplicas">1 to 1000.</param>
/// <param name="MaxReplicas">At least <paramref name="MinReplicas"/>, at most 1000.</param>
/// <param name="Environment">Configuration of the scope; wins over the version's.</param>
/// <param name="HealthPath">Answers 2xx once a replica can serve.</param>
public sealed record Scope(
    ScopeRef Ref,
    ComputeKind Compute,
    Criticality Criticality,
    WorkloadType Workload,
    InstanceSize Size,
    int MinReplicas,
    int MaxReplicas,
    IReadOnlyDictionary<string, string> Environment,
    string HealthPath,
    long Revision,
    DateTimeOffset CreatedAt)
{
    /// <summary>Null where the size follows neither the clock nor requests.</summary>
    public ScalingPolicy? Scaling { get; init; }
}

/// <summary>An immutable, named artifact of an application.</summary>
/// <param name="Environment">Defaults that belong to the artifact; a scope may override them.</param>
public sealed record ApplicationVersion(
    ApplicationName Application,
    VersionName Version,
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    DateTimeOffset CreatedAt)
{
    /// <summary>
    /// Going back from it would be worse than a failure, as of one that has changed a schema: its deployments are held and never turn back by themselves.
    /// </summary>
    public bool ForwardOnly { get; init; }
}

/// <summary>
/// What a scope runs, frozen and content-addressed: the same version, configuration, size and autoscaling always have the same id, and
/// going back to a release brings all of it back.
/// </summary>
public sealed record Release(
    ReleaseId Id,
    ScopeRef Scope,
    VersionName Version,
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    ComputeKind Compute,
    InstanceSize Size,
    int MinReplicas,
    int MaxReplicas,
    string HealthPath,
    DateTimeOffset CreatedAt)
{
    /// <summary>As of its version.</summary>
    public bool ForwardOnly { get; init; }
}
