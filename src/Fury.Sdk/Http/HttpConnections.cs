using System.Net;

namespace Fury.Sdk.Http;

internal static class HttpConnections
{
    /// <summary>Servers stall when hundreds are opened in one moment.</summary>
    public const int ConnectionsMax = 64;

    /// <summary>Of who waits for messages: each such call has a connection for itself, and the others need some too.</summary>
    public const int WaitersMax = 1024;

    /// <summary>Paths go out as they were signed: what a client makes prettier, a server finds forged.</summary>
    public static UriCreationOptions AsItIs { get; } = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Connections of one driver, to be disposed with it. What comes is given as it comes.</summary>
    /// <param name="connectionsMax">To one server; calls beyond those wait for one.</param>
    public static HttpMessageInvoker Open(int connectionsMax = ConnectionsMax) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = connectionsMax,
        EnableMultipleHttp2Connections = true,
    });

    public static void Add(HttpRequestMessage request, string name, string value) =>
        _ = request.Headers.TryAddWithoutValidation(name, value) || (request.Content?.Headers.TryAddWithoutValidation(name, value) ?? false);
}
