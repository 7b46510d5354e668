using System.Text.Json.Serialization;
using Fury.Kernel;

namespace Fury.Catalog.Artifacts;

/// <summary>What a caller says of an artifact.</summary>
/// <param name="Path">Absolute path of a folder, or of one executable file, on the host's machine.</param>
/// <param name="Command">The executable, relative to the folder; may be absent when <paramref name="Path"/> is a file.</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
/// <param name="Architectures">Machines that it runs on; absent: what the command's own header tells, or any.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ArtifactRequest(
    string? Path, string? Command, IReadOnlyList<string?>? Arguments, IReadOnlyList<Architecture>? Architectures = null)
{
    public const int PathLengthMax = 1024;
    public const int ArgumentsMax = 100;
    public const int ArgumentLengthMax = 4096;

    /// <summary>Notes every bad field; the disk is not looked at.</summary>
    public ArtifactSource Read(Validation validation)
    {
        validation.Require(Path is { Length: <= PathLengthMax } && System.IO.Path.IsPathRooted(Path) && Reading.IsPlain(Path), Path,
            $"the absolute path of a folder or a file on the host's machine, at most {PathLengthMax} characters", "artifact.path");
        validation.Require(Command is null || IsInside(Command), Command,
            $"the path of an executable inside the folder, without .., at most {PathLengthMax} characters", "artifact.command");
        validation.Require(Arguments is null or { Count: <= ArgumentsMax }, Arguments?.Count, $"at most {ArgumentsMax} arguments",
            "artifact.arguments");
        var arguments = (Arguments ?? []).Take(ArgumentsMax).ToArray();
        for (var index = 0; index < arguments.Length; index++)
        {
            validation.Require(arguments[index] is { Length: <= ArgumentLengthMax } argument && Reading.IsPlain(argument), arguments[index],
                $"text of at most {ArgumentLengthMax} characters without NUL", $"artifact.arguments[{index}]");
        }

        return new(Path ?? "", Command is null ? null : string.Join('/', Parts(Command)), [.. arguments.Select(argument => argument ?? "")])
        {
            Architectures = [.. (Architectures ?? []).Distinct().Order()],
        };
    }

    private static bool IsInside(string command) =>
        command.Length <= PathLengthMax && Reading.IsPlain(command) && !command.StartsWith('/')
        && Parts(command) is { Length: > 0 } parts && !parts.Contains("..");

    private static string[] Parts(string command) => [.. command.Split('/').Where(part => part is not ("" or "."))];
}

/// <summary>Where an artifact is taken from.</summary>
/// <param name="Command">Relative to <paramref name="Path"/>, without <c>.</c> and <c>..</c>; null: the path is the executable itself.</param>
internal sealed record ArtifactSource(string Path, string? Command, IReadOnlyList<string> Arguments)
{
    /// <summary>What the caller says it runs on, in order; none: it says nothing.</summary>
    public IReadOnlyList<Architecture> Architectures { get; init; } = [];
}
