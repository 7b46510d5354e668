using Fury.Catalog.Applications;
using Fury.Catalog.Artifacts;
using Fury.Catalog.Contracts;
using Fury.Catalog.Releases;
using Fury.Catalog.Scopes;
using Fury.Catalog.Versions;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Catalog;

/// <summary>Applications, their scopes and versions, and the releases frozen from them.</summary>
public sealed class CatalogModule : IModule
{
    public string Name => "catalog";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<ApplicationStore>();
        services.AddSingleton<ScopeStore>();
        services.AddSingleton<VersionStore>();
        services.AddSingleton<VersionRegistry>();
        services.AddSingleton<ReleaseStore>();
        services.AddSingleton(new ArtifactLimits(
            settings.GetValue("Catalog:ArtifactBytesMax", ArtifactLimits.Default.BytesMax),
            settings.GetValue("Catalog:ArtifactEntriesMax", ArtifactLimits.Default.EntriesMax)));
        services.AddSingleton<ArtifactStore>();
        services.AddSingleton<ICatalog, ReleaseCatalog>();
    }
}
