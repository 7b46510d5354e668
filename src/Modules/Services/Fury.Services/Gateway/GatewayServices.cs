using Fury.Catalog.Contracts;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Microsoft.Extensions.DependencyInjection;
using ServiceKind = Fury.Sdk.ServiceKind;

namespace Fury.Services.Gateway;

internal static class GatewayServices
{
    /// <summary>Lets instances use cloud services through this host.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services) => services
        .AddSingleton(new GatewayLoad())
        .AddSingleton(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            var factories = provider.GetRequiredService<HostDrivers>().Factories.Select(each => Logged(each, clock));
            var binder = new Binder(factories, clock, OpenService.DrainTimeout);
            return new OpenServices(provider.GetRequiredService<IServiceBindings>(), binder, clock);
        });

    /// <summary>Caches with a log of what changes in them, for instances to ask for.</summary>
    private static IDriverFactory Logged(IDriverFactory factory, TimeProvider clock) => factory.Kind != ServiceKind.Cache
        ? factory
        : new DriverFactory(factory.Kind, factory.Provider, async (context, cancellation) =>
            new LoggedCache((ICacheDriver)await factory.OpenAsync(context, cancellation), clock));
}
