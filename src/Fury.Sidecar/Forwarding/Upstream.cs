using System.Net;
using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Forwarding;

/// <summary>No connection to the endpoint could be made, so nothing was sent.</summary>
internal sealed class ConnectFailedException(string message, Exception? cause) : IOException(message, cause);

/// <summary>The connections to all endpoints.</summary>
internal sealed class Upstream : IDisposable
{
    /// <summary>Endpoints are on this machine or in its region; one that takes longer is as good as gone.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A request whose both directions stand still this long is given up.</summary>
    public static readonly TimeSpan ActivityTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Shorter than servers keep idle connections (Kestrel 130 s, Node 5 s is the exception), so that they rarely close first.
    /// </summary>
    private static readonly TimeSpan IdleConnectionsKept = TimeSpan.FromSeconds(60);

    public HttpMessageInvoker Client { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        // The trace headers of the client pass as they are; the sidecar adds none of its own.
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = IdleConnectionsKept,
        ConnectCallback = Connect,
    });

    public ForwarderRequestConfig Config { get; } = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = ActivityTimeout,
    };

    public void Dispose() => Client.Dispose();

    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, deadline.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception cause) when (cause is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            var why = cause is SocketException refused ? $"{refused.SocketErrorCode}" : $"no answer in {ConnectTimeout.TotalSeconds} s";
            throw new ConnectFailedException($"{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port}: {why}", cause);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
