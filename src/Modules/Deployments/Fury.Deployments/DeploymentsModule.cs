using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Scaling;
using Fury.Deployments.Scopes;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Deployments;

/// <summary>Moves scopes from release to release: strategies, the state machine and its drivers, the judge, the state of scopes.</summary>
public sealed class DeploymentsModule : IModule
{
    public string Name => "deployments";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<Signals>();
        services.AddSingleton<Appends>();
        services.AddSingleton<Admissions>();
        services.AddSingleton<IDeploymentStore, DeploymentStore>();
        services.AddSingleton<World>();
        services.AddSingleton<ScalingStore>();
        services.AddSingleton<ScopeView>();
        services.AddSingleton<ScopeLogs>();
        services.AddSingleton<DeploymentDesk>();
        services.AddSingleton<IDeployments>(provider => provider.GetRequiredService<DeploymentDesk>());

        services.AddPluralRoles<DeploymentsModule>();
        services.AddHostedService(provider => provider.GetRequiredService<Drivers>());
    }
}
