using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Fury.Testing;

/// <summary>
/// A fresh database with the migrations of Hosting and of the given modules, and the services of both. Use it as a class fixture,
/// <c>class PoolStoreTests(TestDatabase&lt;MeshModule&gt; database) : IClassFixture&lt;TestDatabase&lt;MeshModule&gt;&gt;</c>, or derive from it to
/// add or replace services. Nothing runs in the background until <see cref="StartHosted"/>.
/// </summary>
public class TestDatabase : IAsyncLifetime
{
    private readonly IModule[] _modules;
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
    private readonly List<IHostedService> _started = [];
    private ServiceProvider? _services;

    /// <summary>No module: Hosting alone.</summary>
    public TestDatabase() => _modules = [];

    protected TestDatabase(params IModule[] modules) => _modules = modules;

    public IServiceProvider Services => _services ?? throw new InvalidOperationException("The fixture has not been initialised.");

    public IDatabase Database => Get<IDatabase>();

    public string ConnectionString { get; private set; } = "";

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        ConnectionString = await TestPostgres.CreateDatabase();
        _services = BuildServices();
        await Get<Migrations>().Run(Database.Source, CancellationToken.None);
    }

    /// <summary>Starts what the host would run in the background: dispatcher, reconcilers, the modules' own.</summary>
    public async Task StartHosted()
    {
        foreach (var hosted in Services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(CancellationToken.None);
            _started.Insert(0, hosted);
        }
    }

    /// <summary>Stops it, as a host does that goes away.</summary>
    public async Task StopHosted()
    {
        foreach (var hosted in _started)
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        _started.Clear();
    }

    /// <summary>Another host on the same database: its own node, services and background work. The caller disposes it.</summary>
    public ServiceProvider BuildServices(Action<IServiceCollection>? configure = null)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Fury"] = ConnectionString,
            ["Mesh:Xds:Listen"] = "http://127.0.0.1:0",
            ["Fury:DataFolder"] = Path.Combine(_folder, Guid.NewGuid().ToString("n")),
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddFuryHosting(settings, _modules);
        Configure(services);
        configure?.Invoke(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public async Task DisposeAsync()
    {
        await StopHosted();
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        await TestPostgres.DropDatabase(ConnectionString);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Adds or replaces services, after those of Hosting and of the modules.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }
}

/// <summary>A fresh database with the migrations and services of one module.</summary>
public class TestDatabase<TModule>() : TestDatabase([new TModule()])
    where TModule : IModule, new();

/// <summary>A fresh database with the migrations and services of two modules.</summary>
public class TestDatabase<TFirst, TSecond>() : TestDatabase([new TFirst(), new TSecond()])
    where TFirst : IModule, new()
    where TSecond : IModule, new();
