using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fury.Cli.Tests;

/// <summary>A server of a few lines over a bare socket, for what no decent server does: it is told what to write for each request.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <param name="answer">From the number of the request on its connection (from 0); null closes the connection without a word.</param>
    public RawServer(Func<int, string?> answer)
    {
        _listener.Start();
        _ = Accept(answer);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public static string Ok(string body = "ok") => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public void Dispose() => _listener.Dispose();

    private async Task Accept(Func<int, string?> answer)
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync(), answer);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task Serve(TcpClient client, Func<int, string?> answer)
    {
        using var _ = client;
        using var reader = new StreamReader(client.GetStream());
        for (var number = 0; ; number++)
        {
            string? line;
            do
            {
                line = await reader.ReadLineAsync();
            }
            while (line is { Length: > 0 });

            if (line is null || answer(number) is not { } text)
            {
                return;
            }

            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
            if (!text.StartsWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
