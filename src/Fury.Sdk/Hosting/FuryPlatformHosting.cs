using Fury.Sdk.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.Sdk;

public static class FuryPlatformHosting
{
    /// <summary>
    /// Makes the platform's own API available as <see cref="FuryPlatform"/>. Where it is and who asks is said here, or by <c>FURY_HOST</c> and
    /// <c>FURY_TOKEN</c>.
    /// </summary>
    public static IServiceCollection AddFuryPlatform(this IServiceCollection services, Action<FuryPlatformOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<FuryPlatform>(provider =>
        {
            var options = new FuryPlatformOptions();
            configure?.Invoke(options);
            return HttpPlatform.Open(options, FuryHosting.Clock(provider));
        });
        return services;
    }
}
