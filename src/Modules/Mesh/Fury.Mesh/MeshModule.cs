using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Mesh.Contracts;
using Fury.Mesh.Dependencies;
using Fury.Mesh.Endpoints;
using Fury.Mesh.Feed;
using Fury.Mesh.Locations;
using Fury.Mesh.Policies;
using Fury.Mesh.Proxies;
using Fury.Mesh.Routing;
using Fury.Mesh.Status;
using Fury.Mesh.Xds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Mesh;

/// <summary>Routing tables and endpoints in, one ordered stream of routes to the proxies out, and who has applied what back.</summary>
public sealed class MeshModule : IModule
{
    public string Name => "mesh";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddPluralRoles<MeshModule>();

        services.AddSingleton<RoutingTableStore>();
        services.AddSingleton<IRoutingTables, RoutingTables>();

        services.AddSingleton<EndpointStore>();

        services.AddSingleton<MeshStatusStore>();
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<DependencyStore>();

        services.AddSingleton<FeedStore>();
        services.AddSingleton<RoutingFeed>();
        services.AddHealthChecks().AddCheck<RoutesLoaded>("mesh.routes", tags: ["ready"]);

        services.AddSingleton<ProxyStore>();
        services.AddSingleton<TrafficStore>();
        services.AddSingleton<ProxyBook>();
        services.AddSingleton<TrafficBook>();
        services.AddSingleton<Standings>();
        services.AddSingleton(provider => new Attention(
            provider.GetRequiredService<Standings>().Behind, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ConvergenceWatch>();
        services.AddSingleton<TrafficLedger>();
        services.AddSingleton<IPoolMetrics, TrafficMetrics>();
        services.AddSingleton<AwaitedPools>();
        services.AddHostedService(provider => provider.GetRequiredService<AwaitedPools>());
        services.AddHostedService<ProxyRecorder>();

        services.AddSingleton<LocationBook>();
        services.AddSingleton<LocationStore>();
        services.AddSingleton<IDataPlane>(provider => provider.GetRequiredService<LocationStore>());

        services.AddOptions<XdsOptions>().Bind(settings.GetSection(XdsOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<XdsOptions>, XdsOptionsRules>();
        services.TryAddSingleton(Random.Shared); // tidy: where chance enters; tests register a seeded one
        services.AddSingleton<XdsHub>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<Admission>();
        services.AddSingleton<AdsService>();
        services.AddSingleton<LrsService>();
        services.AddSingleton<XdsServer>();
        services.AddSingleton<IControlPlane>(provider => provider.GetRequiredService<XdsServer>());
        services.AddHostedService(provider => provider.GetRequiredService<XdsServer>());
    }
}
