using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fury.Sdk.Tests.Wire;

/// <summary>Stands between a driver and a real server on loopback, and breaks connections at the worst moment.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Task<Socket>> _connect;
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly Task _accepting;
    private int _answersToCut;
    private volatile bool _silent;
    private volatile bool _refusing;

    public CuttingProxy(Func<Task<Socket>> connect)
    {
        _connect = connect;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The server gets the next request whole; of its answer nothing arrives, and the connection breaks.</summary>
    public void CutNextAnswer() => Interlocked.Exchange(ref _answersToCut, 1);

    /// <summary>The server answers, and nothing arrives.</summary>
    public void BeSilent(bool silent) => _silent = silent;

    /// <summary>Breaks all connections, and those that are tried from now on.</summary>
    public void Refuse(bool refuse)
    {
        _refusing = refuse;
        while (refuse && _open.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Refuse(true);
        _listener.Dispose();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                if (_refusing)
                {
                    client.Dispose();
                    continue;
                }

                var server = await _connect();
                _open.Add(client);
                _open.Add(server);
                _ = Copy(client, server, isAnswer: false);
                _ = Copy(server, client, isAnswer: true);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Copy(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                if (isAnswer && Interlocked.Exchange(ref _answersToCut, 0) == 1)
                {
                    break;
                }

                if (!isAnswer || !_silent)
                {
                    await to.SendAsync(buffer.AsMemory(0, count));
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Either side is gone; so is the other.
        }

        from.Dispose();
        to.Dispose();
    }
}
