using System.Collections.Concurrent;
using System.Globalization;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Sdk.Local;
using Fury.Services.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SdkKind = Fury.Sdk.ServiceKind;

namespace Fury.Services.Tests.Gateway;

/// <summary>The gateway on a real Kestrel of loopback, with bindings and drivers as a test says.</summary>
public class GatewayHost : IAsyncLifetime, IServiceBindings
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-gateway-").FullName;
    private readonly ConcurrentDictionary<(ScopeRef, ServiceKind, ServiceName), ServiceBinding> _bindings = new();
    private WebApplication? _server;

    public static ScopeRef Shop { get; } = ScopeRef.Parse("shop/production-web");

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>The next answers are made, and lost on their way.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Drivers named <c>broken</c> do this instead of what they are asked, when it is set.</summary>
    public Func<Exception>? Breaks { get; set; }

    /// <summary>How often drivers named <c>broken</c> were asked.</summary>
    public int Asked => _asked;

    private int _asked;

    private readonly ConcurrentDictionary<string, int> _ended = new();

    /// <summary>The next requests and answers are cut off after so many bytes of their bodies: so many of them.</summary>
    public (long Bytes, int Times) CutsRequests { get; set; }

    public (long Bytes, int Times) CutsAnswers { get; set; }

    /// <summary>What drivers named <c>torn</c> give in the place of an object's content, when it is set.</summary>
    public Func<Stream, Stream>? Tears { get; set; }

    /// <summary>What the host does at once at most, where it is not what hosts do.</summary>
    protected virtual (int Calls, long Bytes)? LoadMax => null;

    internal OpenServices Services => _server!.Services.GetRequiredService<OpenServices>();

    public async Task InitializeAsync()
    {
        var key = Path.Combine(_folder, "agent.key");
        await File.WriteAllTextAsync(key, new string('k', 64));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IServiceBindings>(this);
        builder.Services.AddSingleton(new WorkloadIdentity(new AgentKey(key, null!), new WorkloadPlatform(null)));
        builder.Services.AddGateway();
        if (LoadMax is { } most)
        {
            builder.Services.AddSingleton(new GatewayLoad(most.Calls, most.Bytes));
        }

        builder.Services.AddSingleton(provider => new HostDrivers(
            [.. HostDrivers.OfSdk, .. new LocalProvider(TimeProvider.System).Factories, .. provider.GetServices<IDriverFactory>()], TimeProvider.System));
        var other = new LocalProvider(TimeProvider.System);
        foreach (var factory in other.Factories)
        {
            builder.Services.AddSingleton<IDriverFactory>(new DriverFactory(factory.Kind, "other", factory.OpenAsync));
        }

        builder.Services.AddSingleton<IDriverFactory>(new DriverFactory(SdkKind.KeyValue, "broken", async (context, stop) =>
            Fury.Sdk.Testing.InterceptedDriver.Wrap(
                await other.Factories.Single(each => each.Kind == SdkKind.KeyValue).OpenAsync(context, stop), context.Service, Broken)));
        builder.Services.AddSingleton<IDriverFactory>(new DriverFactory(SdkKind.Objects, "torn", async (context, stop) =>
            Fury.Sdk.Testing.InterceptedDriver.Wrap(
                await other.Factories.Single(each => each.Kind == SdkKind.Objects).OpenAsync(context, stop), context.Service, Torn)));
        builder.Services.AddModuleControllers([new ServicesModule()]);
        _server = builder.Build();
        _server.Use(Lose);
        _server.Use(Cut);
        _server.MapControllers();
        await _server.StartAsync();
        Address = new Uri(_server.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>How many calls of a service have ended, in whatever way.</summary>
    public int Ended(string service, string operation) => _ended.GetValueOrDefault($"{service} {GatewayProtocol.Path}{operation}");

    public string TokenOf(ScopeRef scope) => _server!.Services.GetRequiredService<WorkloadIdentity>().TokenOf(scope);

    /// <summary>What an instance of the scope has of the gateway.</summary>
    internal IReadOnlyList<IDriverFactory> Drivers(string? token = null) => GatewayProvider.Factories(Address, token ?? TokenOf(Shop));

    public void Bind(SdkKind kind, string service, long epoch, string driver, string? endpoint = null, string? credential = null)
    {
        var (catalog, name) = (Enum.Parse<ServiceKind>(kind.ToString()), ServiceName.Parse(service));
        _bindings[(Shop, catalog, name)] = new(
            Shop, catalog, name, epoch, new(driver, ServiceRoute.Gateway, endpoint, "local", service, credential), "", "", default);
    }

    /// <summary>What was bound; else a service that is named <c>eN-resource</c> is that resource in the memory of the host, from epoch N on.</summary>
    public ValueTask<ServiceBinding?> Find(ScopeRef scope, ServiceKind kind, ServiceName service, long epoch, CancellationToken cancellation)
    {
        if (_bindings.TryGetValue((scope, kind, service), out var bound) || scope != Shop || service.Value[0] != 'e')
        {
            return ValueTask.FromResult(bound);
        }

        var dash = service.Value.IndexOf('-');
        var route = new ServiceRoute(LocalProvider.Name, ServiceRoute.Gateway, null, "local", service.Value[(dash + 1)..], null);
        return ValueTask.FromResult<ServiceBinding?>(
            new(scope, kind, service, long.Parse(service.Value[1..dash], CultureInfo.InvariantCulture), route, "", "", default));
    }

    private ValueTask<object?> Broken(Fury.Sdk.Testing.DriverCall call, Func<ValueTask<object?>> next)
    {
        Interlocked.Increment(ref _asked);
        return call.Operation != nameof(IDriver.ProbeAsync) && Breaks is { } error ? throw error() : next();
    }

    private async Task Lose(HttpContext context, RequestDelegate next)
    {
        if (!LosesAnswers)
        {
            await next(context);
            return;
        }

        context.Response.Body = new MemoryStream();
        await next(context);
        context.Abort();
    }

    private async ValueTask<object?> Torn(Fury.Sdk.Testing.DriverCall call, Func<ValueTask<object?>> next)
    {
        Interlocked.Increment(ref _asked);
        return await next() is var answer && answer is DriverObject opened && Tears is { } tears
            ? opened with { Content = tears(opened.Content) }
            : answer;
    }

    private async Task Cut(HttpContext context, RequestDelegate next)
    {
        var (request, answer) = (CutsRequests, CutsAnswers);
        if (request.Times > 0 && context.Request.ContentLength > request.Bytes)
        {
            CutsRequests = request with { Times = request.Times - 1 };
            context.Request.Body = new CutStream(context.Request.Body, request.Bytes, context.Abort);
        }

        if (answer.Times > 0)
        {
            var body = context.Response.Body;
            context.Response.Body = new CutStream(body, answer.Bytes, () =>
            {
                CutsAnswers = answer with { Times = CutsAnswers.Times - 1 };
                context.Abort();
            });
        }

        try
        {
            await next(context);
        }
        finally
        {
            _ended.AddOrUpdate($"{context.Request.Headers[GatewayProtocol.ServiceHeader]} {context.Request.Path}", 1, (_, times) => times + 1);
        }
    }
}
