using System.Net.Sockets;

namespace Fury.Compute.Standard.Health;

/// <summary>Asks a replica whether it can serve.</summary>
internal interface IHealthProbe
{
    /// <summary>Null when it can, else why not, in one sentence. Never throws but when cancelled.</summary>
    Task<string?> Ask(string address, int port, string path, CancellationToken cancellation);
}

/// <summary>By HTTP: a 2xx on the health path within <see cref="Timeout"/>.</summary>
internal sealed class HttpHealthProbe : IHealthProbe, IDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Timeout,
        // Shorter than the steady cadence: a check on a connection of its own sees what a new client would.
        PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(500),
    });

    public async Task<string?> Ask(string address, int port, string path, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("http", address, port) { Path = path }.Uri);
            using var response = await _http.SendAsync(request, deadline.Token);
            return response.IsSuccessStatusCode ? null : $"Its health check {path} answers {(int)response.StatusCode}.";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"Its health check {path} does not answer within {Timeout.TotalSeconds} s.";
        }
        catch (Exception failed) when (failed is HttpRequestException or SocketException)
        {
            // The latter as it is where the connection is closed in the moment in which it is made.
            return failed.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? $"Nothing listens on {address}:{port} yet."
                : $"Its health check {path} fails.";
        }
    }

    public void Dispose() => _http.Dispose();
}
