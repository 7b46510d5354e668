namespace Fury.Providers.Azure.Tests;

/// <summary>Leads what is sent to Entra, which the library asks by https only, to the fake on loopback.</summary>
internal sealed class LoopbackAuthority(Uri home) : DelegatingHandler(new SocketsHttpHandler())
{
    public static Uri Authority { get; } = new("https://login.azure.test/");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.Host == Authority.Host)
        {
            request.Headers.Host = Authority.Host;
            request.RequestUri = new(home, request.RequestUri.PathAndQuery);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
