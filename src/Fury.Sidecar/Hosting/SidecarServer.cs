using System.Net.Sockets;
using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar.Hosting;

/// <summary>The sidecar's own listener, apart from that of the host it runs in.</summary>
internal sealed class SidecarServer(
    IOptions<SidecarOptions> options,
    RequestPump pump,
    RouteFollower follower,
    LiveRoutes routes,
    IServiceProvider services,
    ILoggerFactory logs)
    : IHostedService, ISidecar, IAsyncDisposable
{
    /// <summary>How long requests may take to end when the sidecar stops; what is left then is cut off. The host has 10 s for all of its parts.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(4);

    private readonly ILogger _log = logs.CreateLogger<SidecarServer>();
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _server;
    private Task _following = Task.CompletedTask;
    private Uri? _address;
    private string? _name;

    public Uri Address => _address ?? throw NotStarted();

    public string Proxy => _name ?? throw NotStarted();

    public long AppliedVersion => routes.Current.Version;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _server = new KestrelServer(
            Options.Create(Kestrel()), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs), logs);
        try
        {
            await _server.StartAsync(pump, cancellationToken);
        }
        catch (IOException cause) when (cause.InnerException is AddressInUseException)
        {
            throw options.Value.PortIsTaken();
        }
        catch (Exception cause) when (cause is SocketException or IOException)
        {
            throw options.Value.CannotListen(cause);
        }

        var bound = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        (_address, _name) = (options.Value.AddressAt(bound.Port), options.Value.NameAt(bound.Port));
        _following = follower.Run(_name, _stopping.Token);
        _log.LogInformation("Sidecar {Proxy} listens on {Address}", Proxy, _address);
    }

    /// <summary>Takes no new connections, lets requests end within <see cref="DrainTimeout"/>, and follows the routes until then.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(DrainTimeout);
        if (_server is not null)
        {
            await _server.StopAsync(deadline.Token);
        }

        await _stopping.CancelAsync();
        await _following;
    }

    /// <summary>The container disposes what it gives under several names several times.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
        }

        await _following;
        _server?.Dispose();
        _stopping.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The sidecar has not started yet.");

    private KestrelServerOptions Kestrel()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };

        // A proxy passes on what the application accepts: size and pace of bodies are the application's to limit. Kestrel's own pace limits
        // would break streams that are idle for a while.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(options.Value.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
        return kestrel;
    }
}
