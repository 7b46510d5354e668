using System.Net;
using System.Security.Cryptography.X509Certificates;
using Fury.Xds.Framing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Fury.Xds.Tests.Framing;

/// <summary>A real Kestrel whose one answer to every path is the test's, and a client for it. Kestrel's own bounds are its defaults.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    public const string Path = XdsMethods.StreamAggregatedResources;

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _http;

    private GrpcServer(WebApplication app, HttpMessageInvoker http) => (_app, _http) = (app, http);

    public Uri Address => new(_app.Urls.Single());

    public HttpMessageInvoker Http => _http;

    /// <summary>The call has begun when the test's part of it does.</summary>
    public static Task<GrpcServer> Start(Func<GrpcServerStream, HttpContext, Task> call, GrpcLimits? limits = null) =>
        StartRaw(async context =>
        {
            var stream = new GrpcServerStream(context, limits ?? GrpcLimits.Default, TimeProvider.System);
            if (await stream.Begin())
            {
                await call(stream, context);
            }
        });

    /// <param name="kestrel">Changes Kestrel's own bounds.</param>
    /// <param name="certificate">With TLS, for which clients must show a certificate: any.</param>
    public static async Task<GrpcServer> StartRaw(
        RequestDelegate call,
        HttpProtocols protocols = HttpProtocols.Http2,
        X509Certificate2? certificate = null,
        SocketsHttpHandler? handler = null,
        Action<KestrelServerLimits>? kestrel = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            kestrel?.Invoke(options.Limits);
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        var app = builder.Build();
        app.Run(call);
        await app.StartAsync();
        return new GrpcServer(app, new HttpMessageInvoker(handler ?? GrpcTransport.CreateHandler()));
    }

    public GrpcClientStream Open(GrpcLimits? limits = null) => GrpcClientStream.Open(_http, Address, Path, limits ?? GrpcLimits.Default, TimeProvider.System);

    /// <summary>Ends the server at once, its connections with it.</summary>
    public async Task Stop()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Stop();
        await _app.DisposeAsync();
    }
}
