using System.Net.Http.Json;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Catalog;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Local;
using Fury.Sdk.Redis;
using Fury.Services.Moves;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>
/// A platform whose API is served by a real Kestrel, and which moves nothing itself: hosts that do are started and killed by each test. What is bound to
/// <c>local</c> is in the memory of this process, and all instances and movers share it.
/// </summary>
[CollectionDefinition(Name)]
public sealed class MovesFixture : TestDatabase, IAsyncLifetime, ICollectionFixture<MovesFixture>
{
    public const string Name = "moves";

    private readonly LocalProvider _local = new(TimeProvider.System);
    private readonly List<IHostedService> _background = [];
    private WebApplication? _server;

    public MovesFixture()
        : base(new CatalogModule(), new LittleMonsterModule(), new ServicesModule())
    {
    }

    public RedisServer Redis { get; } = new();

    internal FrailProvider Frail { get; } = new();

    public HttpClient Client { get; private set; } = new();

    internal IReadOnlyList<IDriverFactory> Factories =>
        [.. _local.Factories, .. Frail.Factories, .. RedisProvider.Factories, .. new PostgresProvider(_ => ConnectionString).Factories];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await Task.WhenAll(InitializeAsync(), Redis.InitializeAsync());
        // All that a host does in the background but Little Monster.
        foreach (var hosted in Services.GetServices<IHostedService>().Where(one => one.GetType().Assembly != typeof(LittleMonsterModule).Assembly))
        {
            await hosted.StartAsync(default);
            _background.Insert(0, hosted);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddModuleControllers([new CatalogModule(), new ServicesModule()]);
        builder.Services.AddSingleton<IControllerActivator>(new Activator(Services));
        builder.Services.AddSingleton(_ => Get<AgentKey>());
        builder.Services.AddSingleton(_ => Get<WorkloadIdentity>());
        _server = builder.Build();
        _server.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync(
            $"{context.Features.Get<IExceptionHandlerFeature>()!.Error}")));
        _server.Use((context, next) =>
        {
            context.SetCaller(Caller.Local);
            return next(context);
        });
        _server.MapControllers();
        await _server.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(new Uri(_server.Urls.Single()), "api/v1/") };
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
        foreach (var hosted in _background)
        {
            await hosted.StopAsync(default);
        }

        await DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>An application with one service, bound in one scope.</summary>
    internal async Task<BoundService> Service(string application, ServiceKind kind, ServiceRoute route, string name = "carts")
    {
        await Done(Client.PutAsJsonAsync($"applications/{application}", new { team = "core" }));
        await Done(Client.PutAsJsonAsync($"applications/{application}/scopes/production-web", new { compute = "standard" }));
        await Done(Client.PutAsJsonAsync($"applications/{application}/services/{Word.Of(kind)}/{name}", new { }));
        await Done(Client.PutAsJsonAsync($"applications/{application}/scopes/production-web/bindings/{Word.Of(kind)}/{name}", new { route }, FuryJson.Options));
        return new(ScopeRef.Parse($"{application}/production-web"), kind, ServiceName.Parse(name));
    }

    /// <summary>The path of its move.</summary>
    internal static string Path(BoundService service) =>
        $"applications/{service.Scope.Application}/scopes/{service.Scope.Scope}/services/{Word.Of(service.Kind)}/{service.Service}/move";

    internal Task Begin(BoundService service, ServiceRoute route) =>
        Done(Client.PostAsJsonAsync(Path(service), new { route, reason = "Tried.", by = "me" }, FuryJson.Options));

    internal Task Back(BoundService service) => Done(Client.DeleteAsync(Path(service)));

    internal async Task<JsonElement> Move(BoundService service) => await Client.GetFromJsonAsync<JsonElement>(Path(service), FuryJson.Options);

    internal async Task Execute(string sql)
    {
        await using var command = Database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An instance of the application, with the SDK, that asks this platform for its bindings.</summary>
    internal async Task<IHost> Instance(BoundService service, string name, Action<FuryBuilder> declare, bool knowsPostgres = true)
    {
        var environment = new Dictionary<string, string>
        {
            ["FURY_PLATFORM"] = Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["FURY_WORKLOAD_TOKEN"] = Get<WorkloadIdentity>().TokenOf(service.Scope),
            ["FURY_APPLICATION"] = service.Scope.Application.Value,
            ["SCOPE"] = service.Scope.Scope.Value,
            ["FURY_INSTANCE_ID"] = name,
            ["FURY_BINDINGS_KEPT"] = System.IO.Path.Combine(Get<INode>().DataFolder, $"{service.Scope.Application}-{name}.json"),
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_local);
        foreach (var factory in Factories.Where(each => (knowsPostgres && each.Provider == PostgresProvider.Name) || each.Provider == FrailProvider.Name))
        {
            builder.Services.AddSingleton(factory);
        }

        declare(builder.AddFury(options =>
        {
            options.Variable = environment.GetValueOrDefault;
            options.StartTimeout = TimeSpan.FromSeconds(60);
        }));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>A host that moves data. One of the same name takes over at once what the one before had.</summary>
    internal Task<MoverHost> Mover(string name, MoverDeaths? deaths = null, Func<MoverHost, Sdk.Moving.MoveState, Task>? saving = null) =>
        MoverHost.Start(this, name, deaths, saving);

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<IAccess>(new OpenAccess());
        services.Replace(ServiceDescriptor.Singleton(new HostDrivers(Factories, TimeProvider.System)));
        services.Replace(ServiceDescriptor.Singleton(new MoveSettings
        {
            PhaseMin = TimeSpan.FromMilliseconds(100),
            LeaseMax = TimeSpan.FromMilliseconds(300),
            Period = TimeSpan.FromMilliseconds(50),
            Copier = new(PageSize: 60),
        }));
        services.Replace(ServiceDescriptor.Singleton(new LittleMonsterSettings { Lease = TimeSpan.FromSeconds(10), StopGrace = TimeSpan.Zero }));
    }

    private static async Task Done(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: " + await answer.Content.ReadAsStringAsync());
    }

    private sealed class Activator(IServiceProvider services) : IControllerActivator
    {
        public object Create(ControllerContext context) =>
            ActivatorUtilities.CreateInstance(services, context.ActionDescriptor.ControllerTypeInfo.AsType());

        public void Release(ControllerContext context, object controller)
        {
        }
    }
}
