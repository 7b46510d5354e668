using System.Globalization;
using System.Xml.Linq;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Ec2;

/// <summary>Types out of EC2's answers: what they are, where they are offered, and what they cost. Pure.</summary>
internal static class AwsTypes
{
    /// <summary>A filter takes no more values.</summary>
    public const int PatternsMax = 200;

    /// <summary>General purpose, current, and of steady speed: those that save up CPU credits are left to whoever asks for them.</summary>
    public static readonly IReadOnlyList<string> PatternsDefault =
        ["m6a.*", "m6g.*", "m6i.*", "m7a.*", "m7g.*", "m7i.*", "m7i-flex.*", "m8g.*"];

    /// <param name="described">Items of DescribeInstanceTypes.</param>
    /// <param name="offered">Items of DescribeInstanceTypeOfferings by zone.</param>
    /// <param name="spot">Items of DescribeSpotPriceHistory.</param>
    /// <param name="isUsed">Whether instances may be made in a zone.</param>
    public static IReadOnlyList<InstanceType> Read(
        IEnumerable<XElement> described,
        IEnumerable<XElement> offered,
        IEnumerable<XElement> spot,
        Func<string, bool> isUsed,
        IDictionary<string, decimal> prices)
    {
        var zones = offered
            .Select(offer => (Type: offer.Text("instanceType"), Zone: offer.Text("location")))
            .Where(offer => offer is { Type: not null, Zone: not null } && isUsed(offer.Zone))
            .ToLookup(offer => offer.Type, offer => offer.Zone!);
        var spotPrices = Latest(spot).Where(price => isUsed(price.Zone)).ToLookup(price => price.Type, price => price.Dollars);
        return
        [
            .. from item in described
               let type = Read(item)
               where type is not null && zones.Contains(type.Name)
               select type with
               {
                   DollarsPerHour = prices.TryGetValue(type.Name, out var price) ? price : null,
                   Zones = [.. zones[type.Name].Distinct().Order(StringComparer.Ordinal)],
                   SpotDollarsPerHour = type.HasSpot && spotPrices.Contains(type.Name) ? spotPrices[type.Name].Min() : null,
               },
        ];
    }

    /// <summary>Null for one that runs nothing that Fury has, or can be had on no terms that Fury knows.</summary>
    private static InstanceType? Read(XElement item)
    {
        var architectures = item.Child("processorInfo").Items("supportedArchitectures").Select(each => each.Value.Trim()).ToList();
        var classes = item.Items("supportedUsageClasses").Select(each => each.Value.Trim()).ToList();
        Architecture? architecture = architectures.Contains("x86_64") ? Architecture.Amd64 : architectures.Contains("arm64") ? Architecture.Arm64 : null;
        return item.Text("instanceType") is { } name
            && architecture is { } known
            && classes.Contains("on-demand")
            && Number(item.Child("vCpuInfo").Text("defaultVCpus")) is { } cpus
            && Number(item.Child("memoryInfo").Text("sizeInMiB")) is { } memory
                ? new(name, cpus * 1000, memory, DollarsPerHour: null) { Architecture = known, HasSpot = classes.Contains("spot") }
                : null;
    }

    /// <summary>The history tells changes: of each type and zone the last one holds.</summary>
    private static IEnumerable<(string Type, string Zone, decimal Dollars)> Latest(IEnumerable<XElement> history) =>
        from entry in history
        let type = entry.Text("instanceType")
        let zone = entry.Text("availabilityZone")
        let dollars = decimal.TryParse(entry.Text("spotPrice"), NumberStyles.Number, CultureInfo.InvariantCulture, out var read) ? read : 0
        where type is not null && zone is not null && dollars > 0
        group (At: entry.Text("timestamp"), dollars) by (type, zone) into prices
        select (prices.Key.type, prices.Key.zone, prices.MaxBy(price => price.At, StringComparer.Ordinal).dollars);

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
