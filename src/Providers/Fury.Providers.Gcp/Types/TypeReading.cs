using System.IO.Enumeration;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>From machine types, zone by zone, to what can be had in a region. Pure.</summary>
internal static class TypeReading
{
    private const int MillisPerCpu = 1000;

    /// <summary>What types with a part of a CPU have for good, which their count of CPUs does not tell; they may use more for moments.</summary>
    private static readonly Dictionary<string, int> SharedMillis = new()
    {
        ["e2-micro"] = 250,
        ["e2-small"] = 500,
        ["e2-medium"] = 1000,
        ["f1-micro"] = 200,
        ["g1-small"] = 500,
    };

    /// <summary>For those that do not say.</summary>
    private static readonly string[] ArmSeries = ["t2a", "c4a", "n4a", "a4x"];

    public static List<InstanceType> Of(string region, IEnumerable<(string Zone, GceMachineType Type)> all, GcpOptions options)
    {
        var patterns = options.MachineTypes.Count > 0 ? options.MachineTypes : [.. GcpOptions.UsualTypes];
        return
        [
            .. all
                .Where(one => one.Type.Deprecated?.State is not ("OBSOLETE" or "DELETED"))
                .Where(one => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, one.Type.Name, ignoreCase: false)))
                .GroupBy(one => one.Type.Name)
                .Select(zones => Of(region, zones.First().Type, [.. zones.Select(one => one.Zone).Distinct().Order(StringComparer.Ordinal)], options)),
        ];
    }

    private static InstanceType Of(string region, GceMachineType type, IReadOnlyList<string> zones, GcpOptions options) => new(
        type.Name,
        SharedMillis.TryGetValue(type.Name, out var millis) ? millis : type.GuestCpus * MillisPerCpu,
        type.MemoryMb,
        Price(options.Prices, region, type.Name))
    {
        Architecture = type.Architecture == "ARM64" || (type.Architecture is null && ArmSeries.Contains(type.Name.Split('-')[0]))
            ? Architecture.Arm64
            : Architecture.Amd64,
        Zones = zones,
        // Every type without a disk or an accelerator of its own can be had as spot.
        HasSpot = true,
        SpotDollarsPerHour = Price(options.SpotPrices, region, type.Name),
    };

    private static decimal? Price(IDictionary<string, decimal> prices, string region, string type) =>
        prices.TryGetValue($"{region}/{type}", out var here) ? here
        : prices.TryGetValue(type, out var anywhere) ? anywhere
        : null;
}
