using System.Net;
using System.Runtime.CompilerServices;
using Fury.Kernel;
using Fury.Sidecar;
using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Endpoint = Fury.Sidecar.Routing.Endpoint;

namespace Fury.Benchmarks.Sidecar;

/// <summary>The processes of the benchmark: each prints its port when it is ready and ends when its standard input does.</summary>
internal static class Parts
{
    public const string Host = "production-web.bench.localhost";

    public static async Task<int> Run(string part, string[] arguments)
    {
        switch (part, arguments)
        {
            case ("backend", []):
                await Serve(Backend, app => new Uri(app.Urls.Single()));
                return 0;
            case ("sidecar", [var backendPort, var dataPlane]):
                await Serve(() => Sidecar(int.Parse(backendPort), dataPlane), host => host.Services.GetRequiredService<ISidecar>().Address);
                return 0;
            case ("yarp", [var backendPort]):
                await Serve(() => Yarp(backendPort), app => new Uri(app.Urls.Single()));
                return 0;
            default:
                await Console.Error.WriteLineAsync($"There is no part '{part}' with {arguments.Length} arguments.");
                return 2;
        }
    }

    private static async Task Serve<THost>(Func<THost> build, Func<THost, Uri> address)
        where THost : IHost
    {
        using var host = build();
        await host.StartAsync();
        Console.WriteLine(address(host).Port);
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
    }

    private static WebApplication Backend()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("Hello from the backend."));
        return app;
    }

    private static IHost Sidecar(int backendPort, string dataPlane)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("Sidecar:Listen", "http://127.0.0.1:0"), new("Sidecar:DataPlane", dataPlane), new("Sidecar:Scope", "bench/production-caller")]);
        builder.Services.AddSingleton<IRoutingFeed>(new OneScope(backendPort));
        builder.Services.AddSidecar(builder.Configuration);
        return builder.Build();
    }

    /// <summary>YARP by its own means: one route to one destination.</summary>
    private static WebApplication Yarp(string backendPort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "{**all}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "backend",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{backendPort}" } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    /// <summary>A control plane with one scope of one pool of one endpoint.</summary>
    private sealed class OneScope(int port) : IRoutingFeed
    {
        public async IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, [EnumeratorCancellation] CancellationToken cancellation)
        {
            var endpoint = new Endpoint("127.0.0.1", port);
            var pool = new WeightedPool(PoolId.New(TimeProvider.System), 100, [endpoint]);
            yield return new(1, Whole: true, [new ScopeRoutes(ScopeRef.Parse("bench/production-web"), [Host], [pool])]);
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        public ValueTask Applied(string proxy, long version, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask<HostAnswer> Find(string host, CancellationToken cancellation) => ValueTask.FromResult(HostAnswer.Unknown);
    }
}
