using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Fury.Mesh.Contracts;
using Fury.Xds;
using Fury.Xds.Framing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>The control plane's own listener, apart from that of the API: HTTP/2 alone, and nothing but the three streams of xDS.</summary>
internal sealed partial class XdsServer(
    IOptions<XdsOptions> options,
    XdsHub hub,
    AdsService ads,
    LrsService lrs,
    Admission admission,
    Credentials credentials,
    TimeProvider clock,
    IServiceProvider services,
    ILoggerFactory logs) : IHostedService, IControlPlane, IHttpApplication<HttpContext>, IDisposable
{
    /// <summary>A peer that does not answer a ping is gone, whatever its connection says: a half-open one would be waited for for hours.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection without a stream, and one that has not said what it wants, is closed after this.</summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = logs.CreateLogger<XdsServer>();
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _server;

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; private set; } = new(options.Value.Listen);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _server = new KestrelServer(
            Options.Create(Kestrel()), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs), logs);
        try
        {
            await _server.StartAsync(this, cancellationToken);
        }
        catch (IOException cause) when (cause.InnerException is AddressInUseException)
        {
            throw new InvalidOperationException(
                $"Mesh:Xds:Listen is '{options.Value.Listen}' and that port is taken by another process. Stop it, or choose another port.");
        }
        catch (Exception cause) when (cause is SocketException or IOException)
        {
            throw new InvalidOperationException($"Mesh:Xds:Listen is '{options.Value.Listen}' and cannot be listened on: {cause.Message}", cause);
        }

        var bound = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Address = new UriBuilder(options.Value.Listen) { Port = bound.Port }.Uri;
        Listening(_log, Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StopTimeout);
        if (_server is not null)
        {
            await _server.StopAsync(deadline.Token);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _stopping.Dispose();
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var wire = new GrpcServerStream(context, GrpcLimits.Default, clock);
        Func<GrpcServerStream, X509Certificate2?, CancellationToken, Task>? method = context.Request.Path.Value switch
        {
            XdsMethods.DeltaAggregatedResources => ads.Delta,
            XdsMethods.StreamAggregatedResources => ads.Whole,
            XdsMethods.StreamLoadStats => lrs.Serve,
            _ => null,
        };
        if (method is null)
        {
            await wire.Finish(GrpcStatus.Unimplemented, "Served here are the aggregated discovery service and the load reporting service of xDS v3.");
            return;
        }

        // Answering before the state is loaded would take routes away that are only not known yet.
        if (hub.Current.Revision < 0)
        {
            await wire.Finish(GrpcStatus.Unavailable, "The routes are not loaded yet; come again.");
            return;
        }

        using var room = admission.TryEnter(out var why);
        if (room is null)
        {
            MeshMetrics.StreamsRefused.Add(1);
            await wire.Finish(GrpcStatus.Unavailable, why);
            return;
        }

        if (await wire.Begin())
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
            await Serve(wire, method(wire, context.Connection.ClientCertificate, over.Token));
        }
    }

    private async Task Serve(GrpcServerStream wire, Task stream)
    {
        try
        {
            await stream;
            await wire.Finish(GrpcStatus.Ok);
        }
        catch (GrpcException ended)
        {
            if (ended.Status != GrpcStatus.Cancelled)
            {
                Ended(_log, ended.Status, ended.Message);
            }

            await wire.Finish(ended.Status, ended.Message);
        }
        catch (OperationCanceledException)
        {
            await wire.Finish(GrpcStatus.Unavailable, "This host stops; go to another, or come again.");
        }
        catch (Exception failure)
        {
            Failed(_log, failure);
            await wire.Finish(GrpcStatus.Internal, "The stream cannot be served; the host's log says why.");
        }
    }

    private KestrelServerOptions Kestrel()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.Http2.KeepAlivePingDelay = PingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        kestrel.Limits.KeepAliveTimeout = IdleMax;
        kestrel.Limits.MinResponseDataRate = null; // A write has its own deadline.
        kestrel.Limits.MaxConcurrentConnections = options.Value.StreamsMax * 2L; // A proxy may use one for each of its two streams.
        kestrel.Listen(options.Value.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (options.Value.IsTls)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(credentials.Handshake()) });
            }
        });
        return kestrel;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Proxies are configured at {Address}")]
    private static partial void Listening(ILogger log, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "A proxy's stream ended with {Status}: {Reason}")]
    private static partial void Ended(ILogger log, GrpcStatus status, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A proxy's stream failed")]
    private static partial void Failed(ILogger log, Exception failure);
}
