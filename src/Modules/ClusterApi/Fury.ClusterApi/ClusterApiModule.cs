using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.ClusterApi;

/// <summary>
/// One stable API in front of many clusters, whatever orchestrator and version they run. It keeps nothing: clusters are made known by who
/// keeps their access, and everything else is in the clusters.
/// </summary>
public sealed class ClusterApiModule : IModule
{
    public string Name => "cluster_api";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.TryAddSingleton(Random.Shared); // tidy: where chance enters; tests register a seeded one
        services.AddSingleton<IOrchestratorDriver, KubernetesDriver>();
        services.AddSingleton<ClusterDesk>();
        services.AddSingleton<IClusterApi>(provider => provider.GetRequiredService<ClusterDesk>());
    }
}
