using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests;

/// <summary>The whole host in this process, with every module, on a database and a data folder of its own and on ports that are free.</summary>
public abstract class RunningHost(params string[] settings) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-host-").FullName;
    private string? _database;
    private WebApplication? _host;

    public HttpClient Client { get; private set; } = new();

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabase();
        _host = Program.Build(
        [
            "--data", Path.Combine(_folder, "data"), "--listen", "http://127.0.0.1:0", "--Sidecar:Listen", "http://127.0.0.1:0",
            "--Mesh:Xds:Listen", "http://127.0.0.1:0",
            "--ConnectionStrings:Fury", _database, "--Logging:LogLevel:Default", "None", .. settings,
        ], Configure);
        await _host.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_host.Urls.Single()) };
    }

    public WebApplication Host => _host ?? throw new InvalidOperationException("The host does not run.");

    public T Get<T>()
        where T : notnull => Host.Services.GetRequiredService<T>();

    /// <summary>Adds to the services of the host.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _host!.StopAsync();
        await _host.DisposeAsync();
        await TestPostgres.DropDatabase(_database!);
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A host as it is without any setting.</summary>
public sealed class OpenHost() : RunningHost;

/// <summary>A host that wants to be told who calls.</summary>
public sealed class GuardedHost() : RunningHost("--Fury:Auth:Token", Token)
{
    public const string Token = "0123456789abcdef0123456789abcdef";
}
