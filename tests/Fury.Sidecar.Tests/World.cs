using System.Net;
using System.Net.Sockets;
using Fury.Kernel;
using Fury.Sidecar.Haproxy;
using Fury.Sidecar.Routing;
using Fury.Sidecar.Tests.Following;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Tests;

/// <summary>A sidecar on a free port, its control plane, backends and a client: everything real but the control plane.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>How many pools a HAProxy has room for.</summary>
    public const int HaproxyPools = 8;

    private const string Host = "production-web.shop.localhost";

    private readonly ServiceProvider _services;
    private readonly IHostedService _server;
    private readonly List<Backend> _backends = [];

    private World(int seed, string controlPlanes = "", params IEnumerable<KeyValuePair<string, string?>> more)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Sidecar:Listen", "http://127.0.0.1:0"), new("Sidecar:ControlPlanes", controlPlanes)])
            .AddInMemoryCollection(more)
            .Build();
        var services = new ServiceCollection().AddLogging(logs => logs.AddProvider(Log));
        services.AddSingleton<Random>(new LockedRandom(seed));
        if (controlPlanes.Length == 0)
        {
            services.AddSingleton<IRoutingFeed>(Feed);
        }

        services.AddSidecar(settings);
        _services = services.BuildServiceProvider();
        _server = _services.GetServices<IHostedService>().Single();
    }

    public static ScopeRef Scope { get; } = ScopeRef.Parse("shop/production-web");

    public ScriptedFeed Feed { get; } = new();

    public TextLog Log { get; } = new();

    public Uri Address => _services.GetRequiredService<ISidecar>().Address;

    /// <summary>Where HAProxy is what carries the requests.</summary>
    internal HaproxyServer Haproxy => _services.GetRequiredService<HaproxyServer>();

    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public PoolSlots Slots => _services.GetRequiredService<PoolSlots>();

    /// <param name="dataPlane">What carries the requests.</param>
    public static async Task<World> Start(
        string dataPlane = SidecarOptions.Yarp, int seed = 1, params IEnumerable<KeyValuePair<string, string?>> more)
    {
        IEnumerable<KeyValuePair<string, string?>> settings =
        [
            new("Sidecar:DataPlane", dataPlane),
            new("Sidecar:Scope", "shop/production-caller"),
            new("Sidecar:Haproxy:PoolsMax", $"{HaproxyPools}"),
            .. more,
        ];
        var world = new World(seed, more: settings);
        try
        {
            await world._server.StartAsync(CancellationToken.None);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>A sidecar that follows real streams instead of <see cref="Feed"/>.</summary>
    public static Task<World> Following(params ScriptedControlPlane[] controlPlanes) => Following([], controlPlanes);

    public static async Task<World> Following(IEnumerable<KeyValuePair<string, string?>> settings, params ScriptedControlPlane[] controlPlanes)
    {
        var world = new World(seed: 1, string.Join(',', controlPlanes.Select(plane => plane.Address)), settings);
        await world._server.StartAsync(CancellationToken.None);
        return world;
    }

    public async Task<Backend> Backend(string name, int port = 0, bool released = false)
    {
        var backend = await Tests.Backend.Start(name, port);
        if (released)
        {
            backend.Release();
        }

        _backends.Add(backend);
        return backend;
    }

    public static PoolId Pool() => PoolId.New(TimeProvider.System);

    public static Endpoint At(int port) => new("127.0.0.1", port);

    /// <summary>A port on which nobody listens.</summary>
    public static int ClosedPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }

    public static ScopeRoutes Routes(params WeightedPool[] pools) => new(Scope, [Host], pools);

    /// <summary>Publishes and waits for the acknowledgement; returns the version.</summary>
    public async Task<long> Route(params WeightedPool[] pools)
    {
        var version = Feed.Tell(whole: false, Routes(pools));
        await Eventually.True(() => Feed.Applied >= version);
        return version;
    }

    /// <summary>Likewise, with rules for the scope.</summary>
    public async Task Route(TrafficRules rules, params WeightedPool[] pools)
    {
        var version = Feed.Tell(whole: false, Routes(pools) with { Rules = rules });
        await Eventually.True(() => Feed.Applied >= version);
    }

    /// <summary>A request with one more header.</summary>
    public Task<HttpResponseMessage> GetWith(string header, string value, string path = "/")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
        request.Headers.Host = Host;
        request.Headers.Add(header, value);
        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent? content = null, string host = Host)
    {
        var request = new HttpRequestMessage(method, new Uri(Address, path)) { Content = content };
        request.Headers.Host = host;
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> Get(string path = "/") => Send(HttpMethod.Get, path);

    public async Task<string> Text(string path = "/")
    {
        using var response = await Get(path);
        return await response.Content.ReadAsStringAsync();
    }

    public async Task Stop() => await _server.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var backend in _backends)
        {
            await backend.DisposeAsync();
        }

        await _server.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    /// <summary>A seeded generator for many threads.</summary>
    private sealed class LockedRandom(int seed) : Random(seed)
    {
        private readonly Lock _gate = new();

        public override int Next(int maxValue)
        {
            lock (_gate)
            {
                return base.Next(maxValue);
            }
        }
    }
}
