using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Fury.Testing;

/// <summary>A real server on loopback with a folder of its own; both are gone when the tests are. What it says first is kept, for one that fails.</summary>
public abstract class ServerProcess : IAsyncLifetime
{
    private static readonly TimeSpan UpWithin = TimeSpan.FromMinutes(2);

    private readonly List<string> _said = [];
    private readonly List<Process> _processes = [];

    public int Port { get; } = FreePort();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("fury-server-").FullName;

    public async Task InitializeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
        var process = Own(await Start());
        await Eventually.True(
            () => process.HasExited
                ? throw new InvalidOperationException($"{GetType().Name} has ended with {process.ExitCode}: {Said()}")
                : IsUp(),
            UpWithin,
            $"{GetType().Name} is up");
        await Prepare();
    }

    public virtual Task DisposeAsync()
    {
        Kill();
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Starts the program with its output redirected.</summary>
    protected abstract Task<Process> Start();

    /// <summary>What is done once it is up.</summary>
    protected virtual Task Prepare() => Task.CompletedTask;

    protected virtual async Task<bool> IsUp()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Ends with this server.</summary>
    protected Process Own(Process process)
    {
        _processes.Add(process);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    protected static Process Run(string program, params IEnumerable<string> arguments) => Process.Start(Command(program, arguments))!;

    protected static ProcessStartInfo Command(string program, params IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            if (line is not null && _said.Count < 100)
            {
                _said.Add(line);
            }
        }
    }

    private string Said()
    {
        lock (_said)
        {
            return string.Join('\n', _said);
        }
    }

    private void Kill()
    {
        foreach (var process in _processes)
        {
            try
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
            catch (InvalidOperationException)
            {
                // It is gone already.
            }
        }
    }
}
