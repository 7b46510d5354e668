using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fury.LocalCluster;

/// <summary>
/// The web server of one cluster: Kestrel alone, without a host around it, so that a hundred clusters in one process cost little more than their
/// sockets.
/// </summary>
internal sealed class Listener : IAsyncDisposable
{
    // What Kestrel asks for when it speaks TLS, once for all clusters.
    private static readonly Lazy<IServiceProvider> Services = new(BuildServices);

    private readonly KestrelServer _server;

    private Listener(KestrelServer server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    public static async Task<Listener> Start(IPEndPoint endPoint, Certificates? certificates, IHttpApplication<HttpContext> application)
    {
        var options = new KestrelServerOptions { ApplicationServices = Services.Value, AddServerHeader = false };
        options.Limits.MaxRequestBodySize = Bodies.BytesMax + 1;
        options.Limits.MinResponseDataRate = null;
        options.Listen(endPoint, listen =>
        {
            if (certificates is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificates.Server,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (certificate, _, _) => certificates.Knows(certificate),
                });
            }
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(application, CancellationToken.None);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        var address = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new(server, BindingAddress.Parse(address).Port);
    }

    private static IServiceProvider BuildServices()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        return builder.Build().Services;
    }

    /// <summary>Ends at once; connections are cut, as when a server dies.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }
}
