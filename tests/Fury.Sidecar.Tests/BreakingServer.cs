using System.Net;
using System.Net.Sockets;

namespace Fury.Sidecar.Tests;

/// <summary>Takes a connection, reads some of the request and breaks it off without a byte of an answer.</summary>
internal sealed class BreakingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;
    private int _connections;

    public BreakingServer()
    {
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Accept()
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[16]);
            Interlocked.Increment(ref _connections);
            socket.LingerState = new LingerOption(true, 0);
        }
    }
}
