using Fury.Catalog.Applications;
using Fury.Catalog.Artifacts;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Versions;

/// <summary>Registers versions: their artifact is kept first, so that a version that exists can always be started.</summary>
internal sealed class VersionRegistry(ApplicationStore applications, VersionStore versions, ArtifactStore artifacts, TimeProvider clock)
{
    /// <summary>
    /// The same content again returns the version that exists; other content under its name is a <see cref="FaultKind.Conflict"/>. What can be
    /// refused is refused before the artifact is copied.
    /// </summary>
    public async Task<Outcome<Put<ApplicationVersion>>> Register(VersionWish wish, CancellationToken cancellation)
    {
        var application = await applications.Find(wish.Application, cancellation);
        if (!application.IsOk)
        {
            return application.Fault;
        }

        var identified = await artifacts.Identify(wish.Artifact, cancellation);
        if (!identified.IsOk)
        {
            return identified.Fault;
        }

        var present = await versions.Find(wish.Application, wish.Version, cancellation);
        if (present.IsOk)
        {
            var wanted = Of(wish, identified.Value.Artifact);
            return Same(wish, wanted, present.Value) ? new Put<ApplicationVersion>(present.Value, false) : Taken(wanted, present.Value);
        }

        var kept = await artifacts.Keep(identified.Value, cancellation);
        if (!kept.IsOk)
        {
            return kept.Fault;
        }

        var version = Of(wish, kept.Value);
        var put = await versions.Insert(version, cancellation);
        return put.Created || Same(wish, version, put.Value) ? put : Taken(version, put.Value);
    }

    private ApplicationVersion Of(VersionWish wish, Artifact artifact) =>
        new(wish.Application, wish.Version, artifact, wish.Environment, clock.GetUtcNow()) { ForwardOnly = wish.ForwardOnly };

    /// <summary>Machines that nobody has named follow from the content, and versions from before they were looked at have none.</summary>
    private static bool Same(VersionWish wish, ApplicationVersion wanted, ApplicationVersion present) =>
        wanted.Artifact.Digest == present.Artifact.Digest
        && wanted.Artifact.Command == present.Artifact.Command
        && wanted.Artifact.Arguments.SequenceEqual(present.Artifact.Arguments)
        && (wish.Artifact.Architectures.Count == 0 || wanted.Artifact.Architectures.SequenceEqual(present.Artifact.Architectures))
        && wanted.Environment.SameAs(present.Environment)
        && wanted.ForwardOnly == present.ForwardOnly;

    private static Fault Taken(ApplicationVersion wanted, ApplicationVersion present) => Fault.Conflict(
            $"Version {present.Version} of '{present.Application}' exists with other content, and a version never changes. Register a new one.")
        .With("digest", present.Artifact.Digest)
        .With("givenDigest", wanted.Artifact.Digest);
}
