using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>
/// The network between one host and PostgreSQL. It can hold what the host sends, and deliver it much later; and it can lose what PostgreSQL
/// answers, so that nobody knows whether it was done.
/// </summary>
internal sealed class PostgresWire : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Socket, Socket> _links = new();
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly UnixDomainSocketEndPoint _socket;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = new();
    private volatile bool _deaf;

    /// <param name="server">The connection string of a server that listens on a unix socket.</param>
    public PostgresWire(string server)
    {
        _server = new NpgsqlConnectionStringBuilder(server);
        _socket = new(Path.Combine(_server.Host!, string.Create(CultureInfo.InvariantCulture, $".s.PGSQL.{_server.Port}")));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _open.SetResult();
        _accepting = Accept();
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = IPAddress.Loopback.ToString(),
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>What the host sends does not arrive, until <see cref="Release"/>.</summary>
    public Task Hold()
    {
        _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    public Task Release()
    {
        _open.TrySetResult();
        return Task.CompletedTask;
    }

    /// <summary>What the host sends is done and not answered, until <see cref="Cut"/> breaks the connections.</summary>
    public Task Deafen()
    {
        _deaf = true;
        return Task.CompletedTask;
    }

    public Task Cut()
    {
        foreach (var link in _links)
        {
            Break(link.Key, link.Value);
        }

        _deaf = false;
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await Cut();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Link(await _listener.AcceptAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task Link(Socket host)
    {
        var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _links[host] = server;
        try
        {
            host.NoDelay = true;
            await server.ConnectAsync(_socket);
            await Task.WhenAny(Up(host, server), Down(server, host));
        }
        catch (SocketException)
        {
            // The server is away.
        }
        finally
        {
            _links.TryRemove(host, out _);
            Break(host, server);
        }
    }

    /// <summary>What was sent before it was held arrives in the end, also when the sender has given up by then.</summary>
    private Task Up(Socket host, Socket server) => Pump(host, async bytes =>
    {
        await _open.Task;
        await server.SendAsync(bytes);
    });

    private Task Down(Socket server, Socket host) => Pump(server, async bytes =>
    {
        if (!_deaf)
        {
            await host.SendAsync(bytes);
        }
    });

    private static async Task Pump(Socket from, Func<ReadOnlyMemory<byte>, Task> give)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await give(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One of the two is gone; so is the other, in a moment.
        }
    }

    private static void Break(Socket host, Socket server)
    {
        host.Dispose();
        server.Dispose();
    }
}
