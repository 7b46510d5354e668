using System.Text.Json.Serialization;

namespace Fury.Sdk.Platform;

/// <summary>What is said of an application. A <see cref="PlatformApplication"/> is one: change it by <c>with</c>, and put it with its ETag.</summary>
public record ApplicationSettings
{
    /// <summary>The owning team.</summary>
    public required string Team { get; init; }

    /// <summary>How much an outage of it hurts: <c>low</c> (null too), <c>medium</c>, <c>high</c> or <c>critical</c>.</summary>
    public string? Criticality { get; init; }
}

/// <summary>A microservice.</summary>
public sealed record PlatformApplication : ApplicationSettings
{
    public required string Name { get; init; }

    /// <summary>Grows with each change.</summary>
    public long Revision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>For changes of just this state.</summary>
    [JsonIgnore]
    public ETag ETag => new($"\"{Revision}\"");
}

/// <summary>A scope with its application, as <c>hello/production-web</c>.</summary>
/// <param name="Scope">environment-role, e.g. <c>production-web</c>.</param>
public sealed record ScopeRef(string Application, string Scope)
{
    public override string ToString() => $"{Application}/{Scope}";
}

/// <summary>What is said of a scope; what is null has the platform's default. A <see cref="PlatformScope"/> is one.</summary>
public record ScopeSettings
{
    /// <summary><c>standard</c> (null too) or <c>serverless</c>.</summary>
    public string? Compute { get; init; }

    /// <summary>As of an application.</summary>
    public string? Criticality { get; init; }

    /// <summary><c>web</c> (null too), <c>worker</c> or <c>job</c>.</summary>
    public string? Workload { get; init; }

    public ReplicaSize? Size { get; init; }

    /// <summary>1 to 1000; null: 1.</summary>
    public int? MinReplicas { get; init; }

    /// <summary>Null: as many as at least.</summary>
    public int? MaxReplicas { get; init; }

    /// <summary>Configuration of the scope; wins over the version's. No secrets.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Answers 2xx once a replica can serve; null: <c>/health</c>.</summary>
    public string? HealthPath { get; init; }

    /// <summary>Null: the size follows neither the clock nor what comes.</summary>
    public ScopeScaling? Scaling { get; init; }
}

/// <summary>The unit that is deployed, scaled and routed to.</summary>
public sealed record PlatformScope : ScopeSettings
{
    public required ScopeRef Ref { get; init; }

    /// <summary>Grows with each change.</summary>
    public long Revision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>For changes of just this state.</summary>
    [JsonIgnore]
    public ETag ETag => new($"\"{Revision}\"");
}

/// <summary>What one replica gets.</summary>
/// <param name="CpuMillis">Thousandths of a core; null: 250.</param>
/// <param name="MemoryMiB">Null: 256.</param>
public sealed record ReplicaSize(int? CpuMillis = null, int? MemoryMiB = null);

/// <summary>How a scope's size follows the clock and what comes, between its least and its most. It takes effect at once and is no part of a release.</summary>
/// <param name="InFlightPerReplica">So many requests in flight are one replica's work.</param>
/// <param name="SleepAfterSeconds">After so long without a request it runs no replica until one comes.</param>
public sealed record ScopeScaling(
    IReadOnlyList<ScalingSchedule>? Schedules = null,
    int? InFlightPerReplica = null,
    int? SleepAfterSeconds = null,
    ScalingPolicy? Autoscale = null,
    SpotShare? Spot = null);

/// <param name="Cron">Five fields of cron.</param>
/// <param name="TimeZone">An IANA name; null: UTC.</param>
public sealed record ScalingSchedule(string Cron, string? TimeZone, int MinReplicas);

/// <summary>How the number of replicas follows what they are used for: at least one target or step.</summary>
public sealed record ScalingPolicy(
    IReadOnlyList<ScalingTarget>? Targets = null, IReadOnlyList<ScalingStep>? Steps = null, int? WarmUpSeconds = null, int? CoolDownSeconds = null);

/// <param name="Metric">cpu (percent of a replica's size), requests (a second), in-flight, or the name of a query.</param>
/// <param name="PerReplica">What one replica is to carry.</param>
public sealed record ScalingTarget(string Metric, double PerReplica);

/// <param name="From">From this value of all replicas together on.</param>
/// <param name="Replicas">So many more than the floor.</param>
public sealed record ScalingStep(string Metric, double From, int Replicas);

/// <param name="Percent">Of the replicas beyond <paramref name="OnDemandBase"/>, 0 to 100.</param>
public sealed record SpotShare(int Percent, int OnDemandBase = 0);

/// <summary>What is said of a version.</summary>
public sealed record VersionSettings
{
    public required ArtifactSource Artifact { get; init; }

    /// <summary>Defaults that belong to the artifact; a scope may override them. No secrets.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Going back from it would be worse than a failure: its deployments never turn back by themselves.</summary>
    public bool? ForwardOnly { get; init; }
}

/// <summary>Where an artifact is taken from.</summary>
/// <param name="Path">Absolute: a folder, or one executable file, on the platform's machine.</param>
/// <param name="Command">The executable, relative to the folder.</param>
/// <param name="Arguments">Passed as they are.</param>
/// <param name="Architectures"><c>amd64</c>, <c>arm64</c>; null: what the command's own header tells.</param>
public sealed record ArtifactSource(
    string Path, string? Command = null, IReadOnlyList<string>? Arguments = null, IReadOnlyList<string>? Architectures = null);

/// <summary>An immutable, named artifact of an application.</summary>
public sealed record PlatformVersion(string Application, string Version, PlatformArtifact Artifact, DateTimeOffset CreatedAt, bool ForwardOnly = false)
{
    public IReadOnlyDictionary<string, string> Environment { get => field ?? new Dictionary<string, string>(); init; } = null!;
}

/// <summary>Something that can be started.</summary>
/// <param name="Digest">SHA-256 of the content: <c>sha256:</c> and 64 hex digits.</param>
public sealed record PlatformArtifact(string Uri, string Digest, string Command, IReadOnlyList<string>? Arguments, IReadOnlyList<string>? Architectures);
