using Fury.Artifacts;
using Fury.Catalog.Applications;
using Fury.Catalog.Artifacts;
using Fury.Catalog.Bindings;
using Fury.Catalog.Contracts;
using Fury.Catalog.Releases;
using Fury.Catalog.Scopes;
using Fury.Catalog.Secrets;
using Fury.Catalog.Services;
using Fury.Catalog.Versions;
using Fury.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Catalog;

/// <summary>Applications, their scopes, secrets and versions, the releases frozen from them, and what stands behind their cloud services.</summary>
public sealed class CatalogModule : IModule
{
    public string Name => "catalog";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<ApplicationStore>();
        services.AddSingleton<ApplicationList>();
        services.AddSingleton<ScopeStore>();
        services.AddSingleton<ScopeSets>();
        services.AddSingleton<VersionStore>();
        services.AddSingleton<VersionRegistry>();
        services.AddSingleton<ReleaseStore>();
        services.AddSingleton<ReleaseSubject>();
        services.AddSingleton(new ArtifactLimits(
            settings.GetValue("Catalog:ArtifactBytesMax", ArtifactLimits.Default.BytesMax),
            settings.GetValue("Catalog:ArtifactEntriesMax", ArtifactLimits.Default.EntriesMax)));
        services.AddSingleton<ArtifactStore>();
        services.AddSingleton<ArtifactSending>();
        services.AddSingleton<ICatalog, ReleaseCatalog>();
        services.AddSingleton<ServiceStore>();
        services.AddSingleton<BindingStore>();
        services.AddSingleton<BindingNews>();
        services.AddSingleton<KnownBindings>();
        services.AddSingleton<IServiceBindings>(provider => provider.GetRequiredService<KnownBindings>());
        services.AddSingleton<HolderStore>();
        services.AddSingleton<HolderInbox>();
        services.AddSingleton<IBindingMoves, BindingMoves>();
        services.AddSingleton<SecretSeal>();
        services.AddSingleton<SecretStore>();
        services.AddPluralRoles<CatalogModule>();
    }
}
