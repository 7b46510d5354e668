using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Sdk.Drivers;
using Fury.Services.Attesting;
using Fury.Services.Gateway;
using Fury.Services.Moves;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Services;

/// <summary>What the host itself does with the cloud services of applications, by the SDK's own drivers.</summary>
public sealed class ServicesModule : IModule
{
    public string Name => "services";

    public void AddServices(IServiceCollection services, IConfiguration settings)
    {
        services.AddPluralRoles<ServicesModule>();
        services.AddSingleton(provider => new HostDrivers(
            [.. HostDrivers.OfSdk, .. provider.GetServices<IDriverFactory>()], provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AttestationStore>();
        services.AddSingleton<IAttester, Attester>();
        services.AddGateway();
        services.AddMoves(settings);
    }
}
