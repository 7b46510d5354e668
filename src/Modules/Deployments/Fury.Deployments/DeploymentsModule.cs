using Fury.Compute.Contracts;
using Fury.Deployments.Approvals;
using Fury.Deployments.Campaigns;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Fleet;
using Fury.Deployments.Freezes;
using Fury.Deployments.Gates;
using Fury.Deployments.Judging;
using Fury.Deployments.Pins;
using Fury.Deployments.Scaling;
using Fury.Deployments.Scopes;
using Fury.Deployments.Sources;
using Fury.Deployments.Vetoes;
using Fury.Deployments.Webhooks;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments;

/// <summary>Moves scopes from release to release: strategies, the state machine and its drivers, the judge, the state of scopes.</summary>
public sealed class DeploymentsModule : IModule
{
    public string Name => "deployments";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<Signals>();
        services.AddSingleton<EventFeed>();
        services.AddSingleton<Appends>();
        services.AddSingleton<Admissions>();
        services.AddSingleton<IDeploymentStore, DeploymentStore>();
        services.AddSingleton<DeploymentSubject>();
        services.AddSingleton<EvidenceStore>();
        services.AddSingleton<FleetStore>();
        var sources = SourceOptions.Read(settings);
        services.AddSingleton(provider => MetricSources.Of(
            sources, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MetricSources>>()));
        var queries = QueryOptions.Read(settings, sources);
        services.AddSingleton<IPoolMetrics>(provider => new QueryMetrics(
            queries, provider.GetRequiredService<MetricSources>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Assessor>();
        services.AddSingleton<IVerdicts>(provider => provider.GetRequiredService<Assessor>());
        services.AddHostedService(provider => provider.GetRequiredService<Assessor>());
        services.AddSingleton<JudgementDesk>();
        services.AddSingleton<CalibrationStore>();
        services.AddSingleton<World>();
        services.AddSingleton<ScalingStore>();
        services.AddSingleton<ScopeView>();
        services.AddSingleton<ScopeLogs>();
        services.AddSingleton<DeploymentDesk>();
        services.AddSingleton<PlanDesk>();
        services.AddSingleton<IDeployments>(provider => provider.GetRequiredService<DeploymentDesk>());

        services.AddSingleton<CampaignStore>();
        services.AddSingleton<ICampaignStore>(provider => provider.GetRequiredService<CampaignStore>());
        services.AddSingleton<CampaignDesk>();

        AddRules(services);
        AddWebhooks(services, settings);

        services.AddPluralRoles<DeploymentsModule>();
        services.AddHostedService(provider => provider.GetRequiredService<Drivers>());
        services.AddHostedService(provider => provider.GetRequiredService<Courier>());
    }

    private static void AddRules(IServiceCollection services)
    {
        services.AddSingleton<IGates, Gatekeeper>();
        services.AddSingleton<Subjects>();
        services.AddSingleton<RuleWriter>();
        services.AddSingleton<FreezeStore>();
        services.AddSingleton<OverrideStore>();
        services.AddSingleton<VetoStore>();
        services.AddSingleton<PinStore>();
        services.AddSingleton<ApprovalStore>();
        services.AddSingleton<ApprovalPolicyStore>();
        services.AddSingleton<ApprovalDesk>();
    }

    private static void AddWebhooks(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(WebhookOptions.Read(settings));
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<TestMessages>();
    }
}
