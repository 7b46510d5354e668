using Fury.Sidecar.Following;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Haproxy;
using Fury.Sidecar.Hosting;
using Fury.Sidecar.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar;

/// <summary>The sidecar that this process runs.</summary>
public interface ISidecar
{
    /// <summary>Where it listens, with the real port when <c>Sidecar:Listen</c> asked for port 0. Throws before it has started.</summary>
    Uri Address { get; }

    /// <summary>Its name towards the control plane, the same after a restart. Throws before it has started.</summary>
    string Proxy { get; }

    /// <summary>How many updates of its routes it has applied; 0 before the first.</summary>
    long AppliedVersion { get; }
}

public static class SidecarRegistration
{
    /// <summary>
    /// Runs a sidecar in this process, on its own listener at <c>Sidecar:Listen</c>, configured by xDS: by <c>Sidecar:ControlPlanes</c>, or else by the
    /// <see cref="Mesh.Contracts.IControlPlane"/> of this process.
    /// Its requests are carried by what <c>Sidecar:DataPlane</c> names. A listener that is no loopback address, or whose port is taken, or a HAProxy
    /// that is not there, stops the host from starting, with one line that says so.
    /// </summary>
    public static IServiceCollection AddSidecar(this IServiceCollection services, IConfiguration settings)
    {
        services.AddOptions<SidecarOptions>().Bind(settings.GetSection(SidecarOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SidecarOptions>, SidecarOptionsRules>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared); // tidy: the one place where chance enters; tests register a seeded one
        services.TryAddSingleton<ControlPlanes>();
        services.TryAddSingleton<IRoutingFeed, XdsFeed>();
        services.AddSingleton<RouteFollower>();
        return settings[$"{SidecarOptions.Section}:{nameof(SidecarOptions.DataPlane)}"] == SidecarOptions.HaproxyName
            ? AddHaproxy(services)
            : AddYarp(services);
    }

    private static IServiceCollection AddYarp(IServiceCollection services)
    {
        services.AddHttpForwarder();

        // It writes a line for each request, and one with a stack trace for each that a retry then saves. What fails in the end is counted,
        // and told to the client.
        services.AddLogging(logs => logs.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Error));
        services.AddSingleton<PoolTransformers>();
        services.AddSingleton<PoolSlots>();
        services.AddSingleton<LiveRoutes>();
        services.AddSingleton<Holds>();
        services.AddSingleton<IDataPlane, LivePlane>();
        services.AddSingleton<Upstream>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<Mirroring>();
        services.AddSingleton<RequestForwarder>();
        services.AddSingleton<RequestPump>();
        services.AddSingleton<SidecarServer>();
        services.AddSingleton<ISidecar>(provider => provider.GetRequiredService<SidecarServer>());
        services.AddHostedService(provider => provider.GetRequiredService<SidecarServer>());
        return services;
    }

    private static IServiceCollection AddHaproxy(IServiceCollection services)
    {
        services.AddSingleton<HaproxyPlane>();
        services.AddSingleton<IDataPlane>(provider => provider.GetRequiredService<HaproxyPlane>());
        services.AddSingleton<HaproxyServer>();
        services.AddSingleton<ISidecar>(provider => provider.GetRequiredService<HaproxyServer>());
        services.AddHostedService(provider => provider.GetRequiredService<HaproxyServer>());
        return services;
    }
}
