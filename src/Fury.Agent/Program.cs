using Fury.Agent.Wire;
using Fury.Sidecar;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.Agent;

/// <summary>The inside of an instance: brings the application, runs it, and tells the platform.</summary>
internal static class Program
{
    private const int BadConfiguration = 64;
    private const int ConnectionsMax = 100;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Besides the application's grace, for the last report and the sidecar's requests.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(15);

    private static async Task<int> Main(string[] args)
    {
        var path = args is ["--config", var given] ? given : Environment.GetEnvironmentVariable(ConfigFile.Variable);
        if (path is null || !OperatingSystem.IsLinux() || args.Length is not (0 or 2))
        {
            await Console.Error.WriteLineAsync($"fury-agent --config FILE, on Linux. The file can also be named by {ConfigFile.Variable}.");
            return BadConfiguration;
        }

        var config = ConfigFile.Read(path);
        if (!config.IsOk)
        {
            await Console.Error.WriteLineAsync(config.Fault.Message);
            return BadConfiguration;
        }

        await using var app = Build(config.Value);
        await app.RunAsync();
        return 0;
    }

    /// <summary>Stopping goes the other way round: the application ends first, while reports and its sidecar still work.</summary>
    private static WebApplication Build(AgentConfig config)
    {
        Directory.CreateDirectory(config.Folder, Private);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddSimpleConsole(options => options.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        builder.WebHost.UseUrls(config.Listen.ToString()).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = config.Grace + StopMargin);
        if (config.Sidecar is { } sidecar)
        {
            builder.Configuration.AddInMemoryCollection(sidecar.Select(setting => new KeyValuePair<string, string?>($"Sidecar:{setting.Key}", setting.Value)));
            builder.Services.AddSidecar(builder.Configuration);
        }

        AddParts(builder.Services, config);
        var app = builder.Build();
        AgentApi.Map(app);
        return app;
    }

    private static void AddParts(IServiceCollection services, AgentConfig config)
    {
        services.AddSingleton(config);
        services.AddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared); // tidy: where chance enters
        services.AddSingleton(_ => new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each call has a time of its own.
        });
        services.AddSingleton(provider => Metadata.Of(
            config.Identity, provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new LoadTools(
            provider.GetRequiredService<HttpClient>(), LoadLimits.Default, config.Folder, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(config.Identity);
        services.AddSingleton<Identity>();
        services.AddSingleton<OutOfMemory>();
        services.AddSingleton<AppProcess>();
        services.AddSingleton<Usage>();
        services.AddSingleton<HealthPoll>();
        services.AddSingleton<Reporter>();
        services.AddHostedService(provider => provider.GetRequiredService<Reporter>());
        services.AddHostedService<NoticeWatch>();
        services.AddHostedService<Supervisor>();
    }
}
