using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>What is to be run, as it was asked for; every number has a value.</summary>
/// <param name="Command">In place of the artifact's own; then <paramref name="Arguments"/> are, too.</param>
/// <param name="Arguments">In place of the artifact's own; null: those, or none for another command.</param>
/// <param name="Size">Null: the scope's.</param>
/// <param name="Retries">How often it is tried again after a failure.</param>
/// <param name="DeadlineSeconds">All attempts together.</param>
/// <param name="StartWithinSeconds">How long it may wait for a place.</param>
/// <param name="Location"><c>provider/region</c>; null: anywhere.</param>
/// <param name="RetryWhenLost">It may run twice at once, so when its cluster dies it is run in another.</param>
internal sealed record JobTemplate(
    VersionName Version,
    string? Command,
    IReadOnlyList<string>? Arguments,
    InstanceSize? Size,
    int Retries,
    int DeadlineSeconds,
    int StartWithinSeconds,
    string? Location,
    bool RetryWhenLost);

/// <summary>What a run runs, frozen when it was asked for: later changes of its scope are of no account.</summary>
/// <param name="Artifact">With the command and the arguments of this run.</param>
internal sealed record RunSpec(
    ReleaseId Release,
    VersionName Version,
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    InstanceSize Size,
    Criticality Criticality,
    int Retries,
    TimeSpan Deadline,
    string? Location,
    bool RetryWhenLost)
{
    public static RunSpec Of(JobTemplate job, Release release, Criticality criticality) => new(
        release.Id,
        release.Version,
        release.Artifact with
        {
            Command = job.Command ?? release.Artifact.Command,
            Arguments = job.Arguments ?? (job.Command is null ? release.Artifact.Arguments : []),
        },
        release.Environment,
        job.Size ?? release.Size,
        criticality,
        job.Retries,
        TimeSpan.FromSeconds(job.DeadlineSeconds),
        job.Location,
        job.RetryWhenLost);
}
