using System.Text.RegularExpressions;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fury.Providers.Local;

/// <summary>Instances as processes of this machine. Settings under <c>Fury:Local</c>, see <see cref="LocalOptions"/>.</summary>
public static partial class LocalProvider
{
    private const int RegionsMax = 100;

    public static IServiceCollection AddLocalProvider(this IServiceCollection services, IConfiguration settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<LocalOptions>()
            .Bind(settings.GetSection("Fury:Local"))
            .Validate(options => options.Port is >= 1 and <= 65535, "Fury:Local:Port must be 1 to 65535.")
            .Validate(
                options => options.Regions.Count <= RegionsMax && options.Regions.All(region => Region().IsMatch(region)),
                $"Fury:Local:Regions must be at most {RegionsMax} names of 1 to 40 lower-case letters, digits or hyphens, starting with a letter.")
            .Validate(options => options.LogBytesMax >= 4096, "Fury:Local:LogBytesMax must be at least 4096.")
            .Validate(options => options.LogFilesMax is >= 1 and <= 100, "Fury:Local:LogFilesMax must be 1 to 100.")
            .ValidateOnStart();
        services.AddSingleton<LocalInstances>();
        services.AddSingleton<IInstanceProvider>(provider => provider.GetRequiredService<LocalInstances>());
        return services.AddHostedService(provider => provider.GetRequiredService<LocalInstances>());
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Region();
}
