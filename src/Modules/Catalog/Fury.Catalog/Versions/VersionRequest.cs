using System.Text.Json.Serialization;
using Fury.Catalog.Artifacts;
using Fury.Kernel;

namespace Fury.Catalog.Versions;

/// <summary>What a caller says of a version.</summary>
/// <param name="Environment">Defaults that belong to the artifact; a scope may override them.</param>
/// <param name="ForwardOnly">Its deployments never turn back by themselves.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VersionRequest(ArtifactRequest? Artifact, IReadOnlyDictionary<string, string?>? Environment, bool? ForwardOnly = null)
{
    /// <summary>What to register, or a fault with every bad field.</summary>
    public Outcome<VersionWish> Read(string? application, string? version)
    {
        var validation = new Validation();
        var applicationName = validation.Name<ApplicationName>(application);
        var versionName = validation.Name<VersionName>(version);
        var artifact = (Artifact ?? new(null, null, null)).Read(validation);
        var environment = validation.Environment(Environment);
        return validation.Fault is { } fault ? fault : new VersionWish(applicationName, versionName, artifact, environment, ForwardOnly ?? false);
    }
}

/// <summary>A version to be registered, checked as far as one can without looking at the disk.</summary>
internal sealed record VersionWish(
    ApplicationName Application, VersionName Version, ArtifactSource Artifact, IReadOnlyDictionary<string, string> Environment, bool ForwardOnly);
