using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fury.Sdk.Tests.Wire;

/// <summary>A server on loopback that has one answer to whatever it hears, and then ends the connection; with none, it breaks it.</summary>
internal sealed class RudeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _listens;
    private readonly byte[] _greeting;
    private readonly byte[] _answer;
    private readonly Task _accepting;
    private int _heard;

    /// <param name="greeting">Said before anything is heard.</param>
    /// <param name="listens">False: it ends a connection after the greeting.</param>
    public RudeServer(string greeting = "", string answer = "", bool listens = true)
    {
        (_listens, _greeting, _answer) = (listens, Encoding.ASCII.GetBytes(greeting), Encoding.ASCII.GetBytes(answer));
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>On how many connections it has heard something.</summary>
    public int Heard => Volatile.Read(ref _heard);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                await Serve(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task Serve(Socket client)
    {
        using var _ = client;
        var buffer = new byte[64 << 10];
        try
        {
            await client.SendAsync(_greeting);
            if (!_listens || await client.ReceiveAsync(buffer) == 0)
            {
                return;
            }

            Interlocked.Increment(ref _heard);
            if (_answer.Length > 0)
            {
                await client.SendAsync(_answer);
                client.Shutdown(SocketShutdown.Send);
                while (await client.ReceiveAsync(buffer) > 0)
                {
                }
            }
        }
        catch (SocketException)
        {
            // The other side was faster.
        }
    }
}
