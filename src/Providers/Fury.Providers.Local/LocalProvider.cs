using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.Providers.Local;

/// <summary>Instances as processes of this machine. Settings under <c>Fury:Local</c>, see <see cref="LocalOptions"/>.</summary>
public static class LocalProvider
{
    public static IServiceCollection AddLocalProvider(this IServiceCollection services, IConfiguration settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<LocalOptions>()
            .Bind(settings.GetSection("Fury:Local"))
            .Validate(options => options.Port is >= 1 and <= 65535, "Fury:Local:Port must be 1 to 65535.")
            .Validate(options => options.LogBytesMax >= 4096, "Fury:Local:LogBytesMax must be at least 4096.")
            .Validate(options => options.LogFilesMax is >= 1 and <= 100, "Fury:Local:LogFilesMax must be 1 to 100.")
            .ValidateOnStart();
        services.AddSingleton<LocalInstances>();
        services.AddSingleton<IInstanceProvider>(provider => provider.GetRequiredService<LocalInstances>());
        return services.AddHostedService(provider => provider.GetRequiredService<LocalInstances>());
    }
}
