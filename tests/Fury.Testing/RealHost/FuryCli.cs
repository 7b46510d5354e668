using System.Diagnostics;

namespace Fury.Testing;

/// <summary>What a run of the command line has printed.</summary>
public sealed record Printed(int ExitCode, string Output, string Errors);

/// <summary>The command line as a user runs it, in a process of its own, against a host of a test.</summary>
public static class FuryCli
{
    private static readonly string Program = Path.Combine(FuryProcess.Root, "src", "Fury.Cli", "bin", "Release", "net10.0", "fury");

    /// <summary>Runs it to its end, however that is.</summary>
    public static async Task<Printed> Run(FuryProcess host, params IEnumerable<string> arguments)
    {
        using var fury = Process.Start(new ProcessStartInfo(Program, [.. arguments, "--host", host.Api.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = fury.StandardError.ReadToEndAsync();
        var output = await fury.StandardOutput.ReadToEndAsync();
        await fury.WaitForExitAsync();
        return new(fury.ExitCode, output, await errors);
    }
}
