using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>What is asked of a cluster: one release, so many times.</summary>
/// <param name="Id">Chosen by the asker; never used again for another release.</param>
/// <param name="ClientToken">Names this wish, 1 to 100 visible characters; the same over all attempts of the same wish, another for the next.</param>
/// <param name="Replicas">How many to begin with, or, without scaling, how many; 0 to 1000.</param>
/// <param name="Scaling">Null: as many as <paramref name="Replicas"/> says.</param>
/// <param name="UnavailableMax">How many replicas those who empty nodes may take at once; at least 1, or nodes could never be emptied.</param>
public sealed record PoolWorkload(
    PoolId Id,
    string ClientToken,
    WorkloadMarks Marks,
    ReplicaTemplate Template,
    int Replicas,
    PoolScaling? Scaling,
    int UnavailableMax = 1);

/// <summary>Whose it is. Searchable in the cluster by people with their own tools.</summary>
public sealed record WorkloadMarks(ScopeRef Scope, ReleaseId Release);

/// <summary>Autoscaling by use of CPU.</summary>
/// <param name="Floor">
/// 0 to <paramref name="Ceiling"/>. A pool that runs is never scaled to 0: that is done by hand (<see cref="IClusterApi.SetReplicas"/>).
/// </param>
/// <param name="Ceiling">1 to 1000.</param>
/// <param name="CpuPercent">The mean use to aim at, in percent of what a replica asked for, 1 to 100.</param>
public sealed record PoolScaling(int Floor, int Ceiling, int CpuPercent = 70);

/// <summary>How replicas are spread over zones.</summary>
public enum ZoneSpread
{
    /// <summary>As the cluster likes.</summary>
    Any,

    /// <summary>Evenly where there is room.</summary>
    Preferred,

    /// <summary>Evenly, or not at all: what cannot be placed so waits.</summary>
    Required,
}

/// <summary>What one replica is.</summary>
/// <param name="Artifact">Its <see cref="Artifact.Uri"/> is <c>oci://registry/name@sha256:…</c> (an image; the command may be empty: the image's own) or
/// <c>file:///…</c> (a folder, for clusters that run plain processes).</param>
/// <param name="Environment">Of the process, besides <c>PORT</c>, which is set to <paramref name="Port"/>.</param>
/// <param name="HealthPath">Answers 2xx once the replica can serve; null: it is ready when it runs.</param>
/// <param name="Grace">How long it may end its work once told to stop, 0 to 1 hour.</param>
/// <param name="Requires">Labels that a node must have.</param>
/// <param name="Tolerates">Keys of taints that it does not mind.</param>
public sealed record ReplicaTemplate(
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    InstanceSize Size,
    int Port,
    string? HealthPath,
    TimeSpan Grace,
    ZoneSpread Spread = ZoneSpread.Preferred,
    IReadOnlyDictionary<string, string>? Requires = null,
    IReadOnlyList<string>? Tolerates = null);

/// <summary>Something that runs to its end.</summary>
/// <param name="Name">2 to 40 lower-case letters, digits or hyphens, starting with a letter.</param>
/// <param name="Retries">How often it is tried again after a failure, 0 to 100.</param>
/// <param name="Deadline">All attempts together, 1 second to 30 days; then it has failed.</param>
/// <param name="KeepFor">How long its record and logs stay after its end, 0 to 30 days; then it is gone without a trace.</param>
public sealed record JobWorkload(
    string Name, WorkloadMarks Marks, ReplicaTemplate Template, int Retries, TimeSpan Deadline, TimeSpan KeepFor);

/// <summary>What happens when the time for a run has come and the last one still runs.</summary>
public enum RunConcurrency
{
    /// <summary>Both run.</summary>
    Allow,

    /// <summary>The new one is left out.</summary>
    Forbid,

    /// <summary>The new one takes the place of the old one.</summary>
    Replace,
}

/// <summary>A job that is run again and again.</summary>
/// <param name="Name">As a job's; unique among schedules.</param>
/// <param name="Cron">Five fields: minute, hour, day of month, month, day of week.</param>
/// <param name="TimeZone">An IANA name, e.g. <c>America/Sao_Paulo</c>. Where the cluster's version knows no time zones, one whose offset never changes
/// is translated, and any other refused as a conflict.</param>
/// <param name="Run">What is run; its name is not used.</param>
/// <param name="StartWithin">A run that could not be begun within it, 1 second to 30 days, is left out.</param>
/// <param name="SucceededKept">How many finished runs are kept for looking at, 0 to 100.</param>
/// <param name="FailedKept">As <paramref name="SucceededKept"/>, of failed ones.</param>
public sealed record ScheduleWorkload(
    string Name,
    string Cron,
    string TimeZone,
    RunConcurrency Concurrency,
    JobWorkload Run,
    TimeSpan StartWithin,
    int SucceededKept = 3,
    int FailedKept = 3,
    bool IsPaused = false);
