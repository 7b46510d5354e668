using Fury.Agent.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Clouds;

/// <summary>The agents inside of the instances of all clouds.</summary>
public static class CloudAgentsRegistration
{
    private static readonly (string Cloud, AgentCloud Agent)[] Clouds =
        [("aws", AgentCloud.Aws), ("gcp", AgentCloud.Gcp), ("azure", AgentCloud.Azure)];

    /// <summary>Settings under <c>Fury:Agents</c> are read when the first cloud is there that needs them.</summary>
    /// <param name="secretOf">The secret of a lot.</param>
    public static IServiceCollection AddCloudAgents(
        this IServiceCollection services, IConfiguration settings, Func<IServiceProvider, Func<string, string>> secretOf)
    {
        foreach (var (cloud, agent) in Clouds)
        {
            services.AddKeyedSingleton<IAgents>(cloud, (provider, _) =>
            {
                var read = AgentSettingsReading.Read(settings, agent);
                return read.IsOk
                    ? new CloudAgents(
                        read.Value,
                        secretOf(provider),
                        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan },
                        provider.GetRequiredService<TimeProvider>())
                    : throw new OptionsValidationException(AgentSettingsReading.Section, typeof(AgentSettings), [read.Fault.Message]);
            });
        }

        return services;
    }

    /// <summary>Those of the cloud, or those that were added for any.</summary>
    internal static IAgents Agents(this IServiceProvider provider, string cloud) =>
        provider.GetKeyedService<IAgents>(cloud) ?? provider.GetRequiredService<IAgents>();
}
