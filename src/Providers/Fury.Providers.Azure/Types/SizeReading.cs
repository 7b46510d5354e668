using System.Globalization;
using System.IO.Enumeration;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure;

/// <summary>From Azure's list of what a subscription may have to what can be had in a region. Pure.</summary>
internal static class SizeReading
{
    private const int MillisPerCpu = 1000;
    private const int MiBPerGiB = 1024;

    public static List<InstanceType> Of(string region, IEnumerable<AzureSku> all, AzureOptions options)
    {
        var patterns = options.Sizes.Count > 0 ? options.Sizes : [.. AzureOptions.UsualSizes];
        return
        [
            .. from sku in all
               where sku.ResourceType == "virtualMachines" && sku.Restrictions.All(one => one.Type != "Location")
               where patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, sku.Name, ignoreCase: true))
               let type = Of(region, sku, options)
               where type is not null
               select type,
        ];
    }

    /// <summary>Null for one that the region does not have, whose zones are all closed to the subscription, or that does not tell its size.</summary>
    private static InstanceType? Of(string region, AzureSku sku, AzureOptions options)
    {
        if (sku.LocationInfo.FirstOrDefault(one => one.Location.Equals(region, StringComparison.OrdinalIgnoreCase)) is not { } here
            || !int.TryParse(sku.Find("vCPUs"), CultureInfo.InvariantCulture, out var cpus)
            || !double.TryParse(sku.Find("MemoryGB"), CultureInfo.InvariantCulture, out var memory))
        {
            return null;
        }

        var closed = sku.Restrictions.SelectMany(one => one.RestrictionInfo?.Zones ?? []);
        List<string> zones = [.. here.Zones.Except(closed).Order(StringComparer.Ordinal)];
        var price = Price(options.Prices, region, sku.Name);
        return here.Zones.Count > 0 && zones.Count == 0 ? null : new(sku.Name, cpus * MillisPerCpu, (int)(memory * MiBPerGiB), price)
        {
            Architecture = sku.Find("CpuArchitectureType") == "Arm64" ? Architecture.Arm64 : Architecture.Amd64,
            Zones = zones,
            HasSpot = sku.Find("LowPriorityCapable") == "True",
            SpotDollarsPerHour = sku.Find("LowPriorityCapable") == "True" ? Price(options.SpotPrices, region, sku.Name) : null,
        };
    }

    private static decimal? Price(IDictionary<string, decimal> prices, string region, string size) =>
        prices.TryGetValue($"{region}/{size}", out var here) ? here
        : prices.TryGetValue(size, out var anywhere) ? anywhere
        : null;
}
