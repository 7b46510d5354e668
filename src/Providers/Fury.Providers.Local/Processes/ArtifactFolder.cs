using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Providers.Local;

/// <summary>An artifact that is a folder of this machine.</summary>
internal static class ArtifactFolder
{
    /// <summary>The absolute path of the command, or why it cannot be started.</summary>
    public static Outcome<string> Locate(string artifactUri, string command) =>
        Uri.TryCreate(artifactUri, UriKind.Absolute, out var uri) && uri.IsFile
            ? Executable.Locate(uri.LocalPath, command)
            : Fault.Invalid("artifact.uri", artifactUri, "a file:/// address of a folder on this machine");
}
