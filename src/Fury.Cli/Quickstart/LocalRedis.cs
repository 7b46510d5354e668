using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Quickstart;

/// <summary>A Redis of this machine for as long as the story lasts: on loopback, on a port that is free, keeping nothing.</summary>
internal sealed class LocalRedis : IAsyncDisposable
{
    private const string Program = "redis-server";

    private static readonly TimeSpan UpWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly string _folder;

    private LocalRedis(Process process, string folder, int port)
    {
        (_process, _folder) = (process, folder);
        Endpoint = new Uri($"redis://127.0.0.1:{port}");
    }

    public Uri Endpoint { get; }

    /// <summary>The program in these folders; null when it is in none.</summary>
    /// <param name="path">Folders, as the variable PATH has them.</param>
    public static string? Find(string? path) => (path ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, Program))
        .FirstOrDefault(File.Exists);

    /// <exception cref="CommandFailure">It did not come up.</exception>
    public static async Task<LocalRedis> Start(string program, TimeProvider clock, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("fury-quickstart-").FullName;
        var port = FreePort();
        var redis = new LocalRedis(Begin(program, folder, port), folder, port);
        try
        {
            for (var began = clock.GetTimestamp(); !await redis.IsUp(cancellation); await Task.Delay(LookPeriod, clock, cancellation))
            {
                if (redis._process.HasExited || clock.GetElapsedTime(began) > UpWithin)
                {
                    throw new CommandFailure(ExitCode.Failed, $"{program} does not answer on port {port} after {UpWithin.TotalSeconds} s.");
                }
            }

            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Begin(string program, string folder, int port)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(
                program,
                ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder, "--logfile", Path.Combine(folder, "log")]))!;
        }
        catch (Win32Exception failure)
        {
            Directory.Delete(folder, recursive: true);
            throw new CommandFailure(ExitCode.Failed, $"{program} does not start: {failure.Message}");
        }
    }

    private async Task<bool> IsUp(CancellationToken cancellation)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Endpoint.Port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
