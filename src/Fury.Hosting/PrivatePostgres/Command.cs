using System.ComponentModel;
using System.Diagnostics;

namespace Fury.Hosting;

/// <summary>What a command wrote and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Throws with both streams in the message unless it ended with 0.</summary>
    public CommandResult OrThrow(string what) => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"{what} ended with {ExitCode}. {Error.Trim()} {Output.Trim()}".Trim());
}

/// <summary>Short commands of the operating system, run to their end.</summary>
internal static class Command
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>Runs a program, as <paramref name="user"/> when one is given (only root can), and waits for it.</summary>
    /// <param name="input">What it reads on its standard input: the place for secrets, which have none on a command line.</param>
    public static CommandResult Run(string? user, string program, IEnumerable<string> arguments, string input = "")
    {
        using var process = Process.Start(Info(user, program, arguments))
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says more than the broken pipe.
        }

        if (!process.WaitForExit(Deadline))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Deadline.TotalSeconds} s.");
        }

        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="Run"/>; null when the program cannot be started at all.</summary>
    public static CommandResult? TryRun(string? user, string program, params string[] arguments)
    {
        try
        {
            return Run(user, program, arguments);
        }
        catch (Exception failure) when (failure is Win32Exception or TimeoutException)
        {
            return null;
        }
    }

    public static ProcessStartInfo Info(string? user, string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        info.Environment["LC_ALL"] = "C";
        info.Environment["TZ"] = "UTC";
        if (user is not null)
        {
            info.UserName = user;
        }

        return info;
    }
}
