using System.Diagnostics;

namespace Fury.Cli.Tests;

/// <summary>How a command ended.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>Runs the built <c>fury</c> as a shell would.</summary>
internal static class CliProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static string Binary { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "fury.exe" : "fury");

    public static Task<Ended> Run(FakeApi api, params string[] arguments) => Run(api.Address, Path.GetTempPath(), arguments);

    public static Task<Ended> Run(Uri host, string folder, params string[] arguments) =>
        Run(Binary, folder, new() { ["FURY_HOST"] = host.ToString(), ["FURY_TOKEN"] = "t0ken" }, arguments);

    public static Task<Ended> Run(string file, string folder, Dictionary<string, string> environment, params string[] arguments) =>
        Run(Deadline, file, folder, environment, arguments);

    public static Task<Ended> Run(TimeSpan within, string file, string folder, Dictionary<string, string> environment, params string[] arguments) =>
        Run(within, input: "", file, folder, environment, arguments);

    /// <param name="input">What standard input is.</param>
    public static async Task<Ended> Run(
        TimeSpan within, string input, string file, string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The runner of the tests may stand elsewhere than the SDK's usual place.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(within);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
