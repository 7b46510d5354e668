using Fury.Kernel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>What every host of modules calls once.</summary>
public static class FuryHosting
{
    /// <summary>
    /// Registers the node, the database (the server in <c>ConnectionStrings:Fury</c>, or a private one in the data folder), and the modules
    /// with their services and listeners. Settings: <c>Fury:DataFolder</c> (default <c>data</c> in the current folder), <c>Fury:PostgresBinaries</c>.
    /// </summary>
    public static IServiceCollection AddFuryHosting(this IServiceCollection services, IConfiguration settings, IReadOnlyList<IModule> modules)
    {
        DapperTypes.Add([typeof(PoolId).Assembly, .. modules.Select(module => module.GetType().Assembly)]);
        services.AddSingleton(modules);
        services.AddFuryDatabase(settings);
        services.TryAddSingleton(provider => new AgentKey(settings["Fury:Standard:AgentKeyFile"], provider.GetRequiredService<INode>()));
        services.TryAddSingleton(new WorkloadPlatform(null));
        services.TryAddSingleton<WorkloadIdentity>();
        AddBackground(services);
        HealthChecks.Add(services);
        foreach (var module in modules)
        {
            module.AddServices(services, settings);
        }

        return services;
    }

    /// <summary>
    /// Registers the node and the database alone. A host calls it before <see cref="AddFuryHosting"/> when something has to start after the
    /// database and stop after the modules: what is registered first starts first and stops last.
    /// </summary>
    public static IServiceCollection AddFuryDatabase(this IServiceCollection services, IConfiguration settings)
    {
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<INode>(_ => new Node(settings["Fury:DataFolder"] ?? "data"));
        services.TryAddSingleton<Migrations>();
        services.TryAddSingleton<WakeBoard>();
        services.TryAddSingleton<IWake>(provider => provider.GetRequiredService<WakeBoard>());
        var external = settings.GetConnectionString("Fury");
        if (string.IsNullOrWhiteSpace(external))
        {
            services.TryAddSingleton(provider => new PrivatePostgres(
                new(provider.GetRequiredService<INode>().DataFolder, settings["Fury:PostgresBinaries"]),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<PrivatePostgres>>()));
        }

        services.TryAddSingleton<IDatabase>(provider => new Database(
            () => string.IsNullOrWhiteSpace(external) ? provider.GetRequiredService<PrivatePostgres>().ConnectionString : external,
            provider.GetRequiredService<WakeBoard>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        return services.AddHostedService<DatabaseStart>();
    }

    private static void AddBackground(IServiceCollection services)
    {
        services.AddSingleton(LeaseOptions.Default);
        services.AddSingleton<ILeases, Leases>();
        services.AddSingleton<OutboxStore>();
        services.AddSingleton(_ => new Listeners(services));
        services.AddSingleton<ReconcileLoop>();
        services.AddSingleton<IReconcilePasses>(provider => provider.GetRequiredService<ReconcileLoop>());
        services.AddHostedService<WakeWire>();
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<ReconcileLoop>());
    }
}
