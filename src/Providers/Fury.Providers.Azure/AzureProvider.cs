using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Azure;

/// <summary>Instances as Azure's virtual machines. Settings under <c>Fury:Azure</c>, see <see cref="AzureOptions"/> and <c>docs/clouds.md</c>.</summary>
public static partial class AzureProvider
{
    private const int RegionsMax = 50;
    private const int ChanceParts = 1 << 20;

    /// <summary>Does nothing where no subscription or no region is named. Agents (<c>IAgents</c>) are somebody else's to add.</summary>
    public static IServiceCollection AddAzureProvider(this IServiceCollection services, IConfiguration settings)
    {
        var section = settings.GetSection("Fury:Azure");
        if (string.IsNullOrEmpty(section["Subscription"]) || !section.GetSection("Regions").GetChildren().Any())
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<AzureOptions>()
            .Bind(section)
            .Validate(options => Guid.TryParseExact(options.Subscription, "D", out _), "Fury:Azure:Subscription must be a subscription's id, a UUID.")
            .Validate(
                options => Group().IsMatch(options.ResourceGroup),
                "Fury:Azure:ResourceGroup must name a resource group: 1 to 90 letters, digits, -, _, . or ().")
            .Validate(
                options => options.Regions.Count <= RegionsMax && options.Regions.Distinct().Count() == options.Regions.Count
                    && options.Regions.All(region => Region().IsMatch(region)),
                $"Fury:Azure:Regions must be at most {RegionsMax} short names such as westeurope, each once.")
            .Validate(
                options => options.Regions.All(region => options.Subnets.TryGetValue(region, out var id) && IsResource(id)),
                "Fury:Azure:Subnets must name a subnet for each region, by its id, which begins with /subscriptions/.")
            .Validate(options => options.SecurityGroups.Values.All(IsResource), "Fury:Azure:SecurityGroups must be ids, which begin with /subscriptions/.")
            .Validate(
                options => Word.All<Architecture>().All(options.Images.ContainsKey) && options.Images.All(image => IsImage(image.Key, image.Value)),
                $"Fury:Azure:Images must name publisher:offer:sku:version, or an id, for each of {string.Join(", ", Word.All<Architecture>())}.")
            .Validate(
                options => options.SshPublicKey.StartsWith("ssh-rsa ", StringComparison.Ordinal)
                    || options.SshPublicKey.StartsWith("ssh-ed25519 ", StringComparison.Ordinal),
                "Fury:Azure:SshPublicKey must be a public key that begins with ssh-rsa or ssh-ed25519.")
            .Validate(
                options => options.ClientSecretFile is null || (options.TenantId is not null && options.ClientId is not null),
                "Fury:Azure:ClientSecretFile needs Fury:Azure:TenantId and Fury:Azure:ClientId.")
            .Validate(options => options.Authority.Scheme == "https", "Fury:Azure:Authority must be an https address.")
            .Validate(options => options.Endpoint.Scheme is "https" or "http", "Fury:Azure:Endpoint must be an https or http address.")
            .Validate(options => options.DiskGiB is null or (>= 4 and <= 4095), "Fury:Azure:DiskGiB must be 4 to 4095.")
            .Validate(options => options.CallsPerSecond is > 0 and <= 1000, "Fury:Azure:CallsPerSecond must be above 0, to 1000.")
            .Validate(options => options.CallsBurst is >= 1 and <= 10_000, "Fury:Azure:CallsBurst must be 1 to 10000.")
            .Validate(
                options => options.CallTimeout >= TimeSpan.FromSeconds(1) && options.CallTimeout <= TimeSpan.FromMinutes(5),
                "Fury:Azure:CallTimeout must be 1 second to 5 minutes.")
            .Validate(
                options => options.StoppedKept >= TimeSpan.Zero && options.StoppedKept <= TimeSpan.FromDays(1), "Fury:Azure:StoppedKept must be 0 to 1 day.")
            .Validate(
                options => options.Prices.Values.Concat(options.SpotPrices.Values).All(price => price > 0),
                "Fury:Azure:Prices and Fury:Azure:SpotPrices must be above 0.")
            .ValidateOnStart();
        services.AddSingleton(provider => new AzureTokens(Options(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AzureWire(
            Options(provider), provider.GetRequiredService<AzureTokens>(), Calls(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AzureCloud(
            new(provider.GetRequiredService<AzureWire>(), Options(provider)), Options(provider), provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IInstanceProvider>(provider => new CloudInstances(
            provider.GetRequiredService<AzureCloud>(), provider.Agents("azure"), provider.GetRequiredService<TimeProvider>()));
    }

    private static AzureOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<AzureOptions>>().Value;

    private static CloudCalls Calls(IServiceProvider provider)
    {
        var options = Options(provider);
        return new(_ => new(options.CallsPerSecond, options.CallsBurst), provider.GetRequiredService<TimeProvider>(), Chance);
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(ChanceParts) / (double)ChanceParts;

    private static bool IsResource(string id) => id.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase);

    private static bool IsImage(string architecture, string image) =>
        Word.All<Architecture>().Contains(architecture) && (IsResource(image) || image.Split(':').Length == 4);

    [GeneratedRegex(@"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Group();

    [GeneratedRegex(@"^[a-z]+[0-9]?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Region();
}
