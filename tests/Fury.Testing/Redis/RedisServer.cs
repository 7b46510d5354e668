using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Fury.Testing;

/// <summary>A real Redis on loopback, of Debian's package redis-server, that keeps nothing.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-redis-").FullName;
    private Process? _process;

    public Uri Endpoint { get; } = new($"redis://127.0.0.1:{FreePort()}");

    public async Task InitializeAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            "redis-server",
            ["--port", $"{Endpoint.Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder])
        {
            RedirectStandardOutput = true,
        });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
        await Eventually.True(IsUp);
    }

    public Task DisposeAsync()
    {
        Kill();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private async Task<bool> IsUp()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Endpoint.Host, Endpoint.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Kill()
    {
        try
        {
            _process?.Kill();
            _process?.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It is gone already.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
