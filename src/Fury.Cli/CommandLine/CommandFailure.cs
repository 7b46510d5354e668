namespace Fury.Cli.CommandLine;

/// <summary>Ends the command: what is said on standard error, and the exit code. Caught in one place, <see cref="FuryCommand"/>.</summary>
internal sealed class CommandFailure(int exitCode, string message, IReadOnlyList<string>? lines = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>One for each bad field or fact, without indentation.</summary>
    public IReadOnlyList<string> Lines { get; } = lines ?? [];

    /// <summary>Of the host's answer; 0 when the failure is none of the host's.</summary>
    public int StatusCode { get; init; }

    /// <summary>The host's own answer, for <c>-o json</c>.</summary>
    public string? Json { get; init; }

    public static CommandFailure Usage(string message, params IReadOnlyList<string> lines) =>
        new(CommandLine.ExitCode.Usage, message, lines);
}
