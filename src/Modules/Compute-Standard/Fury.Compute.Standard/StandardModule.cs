using Fury.Compute.Contracts;
using Fury.Compute.Standard.Agents;
using Fury.Compute.Standard.Autoscaling;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Placing;
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
        services.AddOptions<StandardOptions>()
            .Bind(settings.GetSection("Fury:Standard"))
            .Validate(
                options => options.Areas.Keys.All(StandardOptions.IsName),
                "Fury:Standard:Areas must have names of 1 to 40 lower-case letters, digits or hyphens, starting with a letter.")
            .Validate(
                options => options.Areas.Values.All(regions => regions.Count > 0 && regions.All(region => region.Split('/').Length == 2)),
                "Fury:Standard:Areas must each be a list of provider/region, e.g. aws/us-east-1.")
            .Validate(options => options.StartPatience >= TimeSpan.FromSeconds(1), "Fury:Standard:StartPatience must be at least 1 second.")
            .Validate(options => options.SweepPeriod >= TimeSpan.FromSeconds(1), "Fury:Standard:SweepPeriod must be at least 1 second.")
            .ValidateOnStart();
        services.AddSingleton<IPoolStore, PoolStore>();
        services.AddSingleton<IOutageStore, OutageStore>();
        services.AddSingleton<InstanceProviders>();
        services.AddSingleton<Cells>();
        services.AddSingleton<Orphans>();
        services.AddSingleton<Regions>();
        services.AddSingleton<AutoscaleStore>();
        services.AddSingleton<IPoolMetrics, CpuMetric>();
        services.AddSingleton<IHealthProbe, HttpHealthProbe>();
        services.AddSingleton<Removal>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<UsageStore>();
        services.AddSingleton<UsageInbox>();
        services.AddSingleton<NewestReports>();
        services.AddSingleton<IAgentReports, AgentReports>();
        services.AddSingleton<AgentVersions>();
        services.AddSingleton<IComputeEngine, StandardCompute>();
        services.AddSaga<LaunchLot>();
        services.AddSaga<TerminateInstance>();

        // Sagas need the monitor and the monitor nudges sagas, so it asks for Little Monster when it first does.
        services.AddSingleton<Func<ILittleMonster>>(provider => provider.GetRequiredService<ILittleMonster>);
        services.AddSingleton<InstanceMonitor>();
        services.AddSingleton<IInstanceWatcher>(provider => provider.GetRequiredService<InstanceMonitor>());
        services.AddHostedService(provider => provider.GetRequiredService<InstanceMonitor>());
    }
}
