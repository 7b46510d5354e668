using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fury.Xds.Framing;

/// <summary>The HTTP/2 connection under a client's streams.</summary>
public static class GrpcTransport
{
    /// <summary>After so long without a frame from the server it is asked whether it is still there.</summary>
    public static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);

    /// <summary>A server that does not answer a ping within this is gone, and its streams end as unavailable.</summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A handler whose streams to a server share one connection, which is watched while there are any.</summary>
    /// <param name="clientCertificate">Shown to a server that asks for one.</param>
    /// <param name="validateServer">Instead of the machine's own judgement of the server's certificate.</param>
    public static SocketsHttpHandler CreateHandler(
        X509Certificate2? clientCertificate = null, RemoteCertificateValidationCallback? validateServer = null) => new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = false,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = clientCertificate is null ? null : [clientCertificate],
                RemoteCertificateValidationCallback = validateServer,
            },
        };
}
