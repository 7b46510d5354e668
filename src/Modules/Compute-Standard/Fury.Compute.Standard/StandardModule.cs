using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Hosting;
using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Standard;

/// <summary>The engine in which one replica is one instance of a provider.</summary>
public sealed class StandardModule : IModule
{
    public string Name => "standard";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddPluralRoles<StandardModule>();
        services.AddSingleton<IPoolStore, PoolStore>();
        services.AddSingleton<InstanceProviders>();
        services.AddSingleton<IHealthProbe, HttpHealthProbe>();
        services.AddSingleton<Removal>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<IComputeEngine, StandardCompute>();
        services.AddSaga<LaunchInstance>();
        services.AddSaga<TerminateInstance>();

        // Sagas need the monitor and the monitor nudges sagas, so it asks for Little Monster when it first does.
        services.AddSingleton<Func<ILittleMonster>>(provider => provider.GetRequiredService<ILittleMonster>);
        services.AddSingleton<InstanceMonitor>();
        services.AddSingleton<IInstanceWatcher>(provider => provider.GetRequiredService<InstanceMonitor>());
        services.AddHostedService(provider => provider.GetRequiredService<InstanceMonitor>());
    }
}
