using Amazon.Runtime;
using Fury.Providers.Aws.Access;
using Fury.Providers.Aws.Ec2;
using Fury.Providers.Aws.Eks;
using Fury.Providers.Aws.Wire;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Aws;

/// <summary>
/// Instances of EC2 and clusters of EKS. Settings under <c>Fury:Aws</c>, see <see cref="AwsOptions"/>; without regions there is no such provider. Whoever
/// adds it registers the <c>IAgents</c> that it asks for what EC2 does not tell.
/// </summary>
public static class AwsProvider
{
    public static IServiceCollection AddAwsProvider(this IServiceCollection services, IConfiguration settings)
    {
        var section = settings.GetSection(AwsOptions.Section);
        if (!section.GetSection(nameof(AwsOptions.Regions)).GetChildren().Any())
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<AwsOptions>>(new AwsRules(Environment.GetEnvironmentVariable));
        services.AddOptions<AwsOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton(provider => new AwsServices(
            provider.GetRequiredService<IOptions<AwsOptions>>().Value,
            AwsChain.Of(provider.GetRequiredService<IOptions<AwsOptions>>().Value, Environment.GetEnvironmentVariable),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IInstanceProvider>(provider =>
            provider.GetRequiredService<AwsServices>().Instances(provider.Agents("aws")));
        return services.AddSingleton<IClusterProvider>(provider => provider.GetRequiredService<AwsServices>().Clusters());
    }
}

/// <summary>What the parts of the provider share: one way out, one pace, one identity.</summary>
internal sealed class AwsServices(AwsOptions options, Func<Task<AWSCredentials>> credentials, TimeProvider clock, Func<double>? chance = null) : IDisposable
{
    private readonly AwsHttp _http = new(new AwsAccess(credentials), new(options, Environment.GetEnvironmentVariable), clock);

    private readonly CloudCalls _calls = new(target => AwsRules.RateOf(target, options), clock, chance ?? Chance());

    public CloudInstances Instances(IAgents agents) => new(new AwsCloud(new Ec2Wire(_http, _calls), options, clock), agents, clock);

    public EksClusters Clusters() => new(_http, _calls, options, clock);

    public void Dispose() => _http.Dispose();

    private static Func<double> Chance()
    {
        // Only that two hosts differ matters.
        var random = new Random(Environment.ProcessId);
        var one = new Lock();
        return () =>
        {
            lock (one)
            {
                return random.NextDouble();
            }
        };
    }
}
