using System.Diagnostics;

namespace Fury.Benchmarks;

/// <summary>A process that ends with its owner.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

    /// <summary>Another part of this program; it stops when its standard input closes, so also when this process dies. Waits for its first line.</summary>
    /// <param name="asHost">With the garbage collection of the real host, a web server's.</param>
    public static async Task<(Child Child, string FirstLine)> Part(string[] arguments, CancellationToken cancellation, bool asHost = false)
    {
        var child = Start(Environment.ProcessPath!, ["part", .. arguments], asHost ? [new("DOTNET_gcServer", "1")] : []);
        var line = await child._process.StandardOutput.ReadLineAsync(cancellation);
        return (child, line ?? throw new InvalidOperationException($"'{string.Join(' ', arguments)}' has ended before it was ready."));
    }

    public int Pid => _process.Id;

    public static Child Start(string command, string[] arguments, params KeyValuePair<string, string>[] environment)
    {
        var info = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return new(Process.Start(info)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> Run(string command, string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Where the command is in <c>PATH</c> or among the system's; null when it is nowhere.</summary>
    public static string? Find(string command) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/bin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);

    /// <summary>Gives it a line and waits for the one that it answers.</summary>
    public async Task<string> Ask(string line, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
        return await _process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new InvalidOperationException($"Process {Pid} has ended instead of answering: {line}");
    }

    /// <summary>Closes its standard input and waits for its end.</summary>
    public async Task Stop()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async Task Kill()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Kill();
        }

        _process.Dispose();
    }
}
