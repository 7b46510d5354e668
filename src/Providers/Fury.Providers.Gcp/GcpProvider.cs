using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Gcp;

/// <summary>
/// Instances of Google's Compute Engine and clusters of its Kubernetes Engine. Settings under <c>Fury:Gcp</c>, see <see cref="GcpOptions"/> and
/// <c>docs/clouds.md</c>.
/// </summary>
public static partial class GcpProvider
{
    private const int RegionsMax = 50;
    private const int ChanceParts = 1 << 20;

    /// <summary>Does nothing where no project or no region is named. Agents (<see cref="IAgents"/>) are somebody else's to add.</summary>
    public static IServiceCollection AddGcpProvider(this IServiceCollection services, IConfiguration settings)
    {
        var section = settings.GetSection("Fury:Gcp");
        if (string.IsNullOrEmpty(section["Project"]) || !section.GetSection("Regions").GetChildren().Any())
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<GcpOptions>()
            .Bind(section)
            .Validate(options => Project().IsMatch(options.Project), "Fury:Gcp:Project must be a project's id: 6 to 63 small letters, digits or hyphens.")
            .Validate(
                options => options.Regions.Count <= RegionsMax && options.Regions.Distinct().Count() == options.Regions.Count
                    && options.Regions.All(region => Region().IsMatch(region)),
                $"Fury:Gcp:Regions must be at most {RegionsMax} regions such as europe-west1, each once.")
            .Validate(
                options => options.Zones.All(zones => zones.Value.All(zone => zone.StartsWith(zones.Key + "-", StringComparison.Ordinal))),
                "Fury:Gcp:Zones must name zones of the region that they stand under, such as europe-west1-b.")
            .Validate(
                options => Word.All<Architecture>().All(options.Images.ContainsKey) && options.Images.Keys.All(Word.All<Architecture>().Contains),
                $"Fury:Gcp:Images must name an image for each of {string.Join(", ", Word.All<Architecture>())}.")
            .Validate(options => IsWeb(options.Endpoint), "Fury:Gcp:Endpoint must be an https or http address.")
            .Validate(options => IsWeb(options.ContainerEndpoint), "Fury:Gcp:ContainerEndpoint must be an https or http address.")
            .Validate(options => options.TokenEndpoint is null || IsWeb(options.TokenEndpoint), "Fury:Gcp:TokenEndpoint must be an https or http address.")
            .Validate(options => options.DiskGiB is >= 10 and <= 65536, "Fury:Gcp:DiskGiB must be 10 to 65536.")
            .Validate(options => options.CallsPerSecond is > 0 and <= 1000, "Fury:Gcp:CallsPerSecond must be above 0, to 1000.")
            .Validate(options => options.CallsBurst is >= 1 and <= 10_000, "Fury:Gcp:CallsBurst must be 1 to 10000.")
            .Validate(
                options => options.CallTimeout >= TimeSpan.FromSeconds(1) && options.CallTimeout <= TimeSpan.FromMinutes(5),
                "Fury:Gcp:CallTimeout must be 1 second to 5 minutes.")
            .Validate(
                options => options.Prices.Values.Concat(options.SpotPrices.Values).All(price => price > 0),
                "Fury:Gcp:Prices and Fury:Gcp:SpotPrices must be above 0.")
            .ValidateOnStart();
        services.AddSingleton(provider => new GcpTokens(Options(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(Wire);
        services.AddSingleton<GceWire>(provider => new(provider.GetRequiredService<GcpWire>(), Options(provider)));
        services.AddSingleton<GcpCloud>(provider =>
            new(provider.GetRequiredService<GceWire>(), Options(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IClusterProvider>(provider =>
            new GkeClusters(provider.GetRequiredService<GcpWire>(), provider.GetRequiredService<GcpTokens>(), Options(provider)));
        return services.AddSingleton<IInstanceProvider>(provider => new CloudInstances(
            provider.GetRequiredService<GcpCloud>(), provider.Agents("gcp"), provider.GetRequiredService<TimeProvider>()));
    }

    private static GcpOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<GcpOptions>>().Value;

    private static GcpWire Wire(IServiceProvider provider)
    {
        var (options, clock) = (Options(provider), provider.GetRequiredService<TimeProvider>());
        var calls = new CloudCalls(_ => new(options.CallsPerSecond, options.CallsBurst), clock, Chance);
        return new(options, provider.GetRequiredService<GcpTokens>(), calls, clock);
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(ChanceParts) / (double)ChanceParts;

    private static bool IsWeb(Uri address) => address.IsAbsoluteUri && address.Scheme is "https" or "http";

    [GeneratedRegex(@"^[a-z][a-z0-9.:-]{4,61}[a-z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Project();

    [GeneratedRegex(@"^[a-z]+-[a-z]+[0-9]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Region();
}
