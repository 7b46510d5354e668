using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Fury.Sdk.Drivers;

/// <summary>A connection to a provider that is spoken to over a socket; with TLS where the scheme of its address says so.</summary>
internal sealed record ProviderSocket(Socket Socket, Stream Stream) : IDisposable
{
    /// <param name="provider">As errors name it.</param>
    /// <param name="port">Where the address names none.</param>
    public static async Task<ProviderSocket> Connect(string provider, Uri endpoint, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port < 0 ? port : endpoint.Port, cancellation);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            return new ProviderSocket(socket, new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception error)
        {
            socket.Dispose();
            throw error is SocketException
                ? new FuryException(FuryErrorCode.Unavailable, $"{provider} at {endpoint.Authority} cannot be reached.", error) { IsTransient = true }
                : error;
        }
    }

    /// <summary>The same connection, encrypted, with a server that has proved to be the one of the address. Nothing was sent before.</summary>
    public async Task<ProviderSocket> Secure(string provider, Uri endpoint, TlsTrust trust, CancellationToken cancellation)
    {
        var stream = new SslStream(Stream);
        try
        {
            await stream.AuthenticateAsClientAsync(trust.Options(endpoint.Host), cancellation);
            return this with { Stream = stream };
        }
        catch (Exception error)
        {
            await stream.DisposeAsync();
            throw error is AuthenticationException or IOException ? TlsTrust.Failed(provider, endpoint, error) : error;
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        Stream.Dispose();
    }
}
