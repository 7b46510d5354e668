using System.ComponentModel;
using System.Diagnostics;

namespace Fury.Testing;

/// <summary>Why Node.js can not be used here, with what helps.</summary>
public sealed class NodeUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Scripts for Node.js and the packages that they need. A folder of the sources that has a <c>package.json</c> and its lock file is copied into
/// <c>artifacts/node/</c>, and npm fetches there what the lock file names: once, and again when it has changed.
/// </summary>
public sealed class NodeScripts
{
    private const string LockFile = "package-lock.json";

    private static readonly TimeSpan InstallWithin = TimeSpan.FromMinutes(5);

    private readonly string _folder;

    private NodeScripts(string folder) => _folder = folder;

    /// <param name="source">The folder with the scripts, relative to the root of the repository.</param>
    /// <exception cref="NodeUnavailableException">There is no Node.js or no npm, or npm cannot fetch the packages.</exception>
    public static async Task<NodeScripts> Prepare(string source, CancellationToken cancellation)
    {
        var folder = Path.Combine(FuryProcess.Root, "artifacts", "node", Path.GetFileName(source));
        Directory.CreateDirectory(folder);
        await using var turn = await Turn(folder + ".lock", cancellation);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(FuryProcess.Root, source)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        await Demand("node", ["--version"], cancellation);
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, LockFile), cancellation);
        var installed = Path.Combine(folder, "node_modules", "installed-from.json");
        if (!File.Exists(installed) || await File.ReadAllTextAsync(installed, cancellation) != wanted)
        {
            await Demand("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cancellation);
            await File.WriteAllTextAsync(installed, wanted, cancellation);
        }

        return new NodeScripts(folder);
    }

    /// <summary>Starts a script whose input and output are the caller's.</summary>
    /// <param name="name">Its file, as it is named in the folder of the sources.</param>
    public Process Start(string name, params string[] arguments) => Begin("node", [Path.Combine(_folder, name), .. arguments]);

    /// <summary>Runs a script to its end, without input.</summary>
    public Task<(int ExitCode, string Output)> Run(string name, string[] arguments, CancellationToken cancellation) =>
        Finish(Start(name, arguments), cancellation);

    /// <summary>Test processes and benchmarks may come at the same time; one of them installs.</summary>
    private static async Task<FileStream> Turn(string path, CancellationToken cancellation)
    {
        FileStream? turn = null;
        await Eventually.True(
            () =>
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    turn = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException)
                {
                    // Somebody else's.
                }

                return turn is not null;
            },
            InstallWithin,
            $"{path} is free");
        return turn!;
    }

    private static async Task Demand(string program, string[] arguments, CancellationToken cancellation)
    {
        var (exitCode, output) = await Finish(Begin(program, arguments), cancellation);
        if (exitCode != 0)
        {
            throw new NodeUnavailableException($"'{program} {string.Join(' ', arguments)}' has ended with {exitCode}: {output.Trim()}");
        }
    }

    private static async Task<(int ExitCode, string Output)> Finish(Process started, CancellationToken cancellation)
    {
        using var process = started;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await error);
    }

    private static Process Begin(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception failure)
        {
            throw new NodeUnavailableException(
                $"'{program}' is not on the PATH. Install Node.js 18 or newer with npm (Debian and Ubuntu: apt-get install nodejs npm).", failure);
        }
    }
}
