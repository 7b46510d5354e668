using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>Which type of instance a request is for. Pure.</summary>
internal static class TypeChoice
{
    /// <summary>Names that an error lists, so that it fits a screen.</summary>
    private const int NamesMax = 10;

    /// <summary>Cheapest first; those without a price last, smallest first.</summary>
    public static IReadOnlyList<InstanceType> Sorted(IEnumerable<InstanceType> types) =>
    [
        .. types
            .OrderBy(type => type.DollarsPerHour is null)
            .ThenBy(type => type.DollarsPerHour)
            .ThenBy(type => type.CpuMillis)
            .ThenBy(type => type.MemoryMiB)
            .ThenBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>The type that the request names, or the first that has what it asks for.</summary>
    /// <param name="types">Of the region, cheapest first.</param>
    public static Outcome<InstanceType> Of(InstanceRequest request, IReadOnlyList<InstanceType> types)
    {
        if (request.Zone is { } zone && !types.Any(type => type.Zones.Contains(zone)))
        {
            var zones = types.SelectMany(type => type.Zones).Distinct().Order(StringComparer.Ordinal).ToList();
            return Fault.Invalid("zone", zone, zones.Count == 0 ? $"none: '{request.Region}' has no zones" : $"one of {string.Join(", ", zones)}");
        }

        var fitting = types.Where(type => WhyNot(request, type) is null).ToList();
        if (request.Type is null)
        {
            return fitting is [var cheapest, ..]
                ? cheapest
                : Fault.Invalid("size", Size(request), $"one that a type of '{request.Region}' has: {Names(types)}");
        }

        return types.FirstOrDefault(type => type.Name == request.Type) is not { } named
            ? Fault.Invalid("type", request.Type, $"a type that '{request.Region}' has and that fits, e.g. {Names(fitting)}")
            : WhyNot(request, named) is { } why
                ? Fault.Invalid("type", request.Type, $"{why}, e.g. {Names(fitting)}")
                : named;
    }

    /// <summary>What would be right, where the type is not; null where it is.</summary>
    private static string? WhyNot(InstanceRequest request, InstanceType type) =>
        request.Architectures.Count > 0 && !request.Architectures.Contains(type.Architecture)
            ? $"of an architecture that the artifact runs on ({string.Join(", ", request.Architectures.Select(Word.Of))}; this is {Word.Of(type.Architecture)})"
        : type.CpuMillis < request.CpuMillis || type.MemoryMiB < request.MemoryMiB
            ? $"at least {Size(request)} (this has {type.CpuMillis} millis, {type.MemoryMiB} MiB)"
        : request.Zone is { } zone && !type.Zones.Contains(zone)
            ? $"offered in zone '{zone}' (this is in {string.Join(", ", type.Zones)})"
        : request.Market == Market.Spot && !type.HasSpot ? "one that can be had as spot"
        : null;

    private static string Size(InstanceRequest request) => $"{request.CpuMillis} millis, {request.MemoryMiB} MiB";

    private static string Names(IReadOnlyList<InstanceType> types) => types.Count == 0
        ? "none that there is"
        : string.Join(", ", types.Take(NamesMax).Select(type => type.Name)) + (types.Count > NamesMax ? ", …" : "");
}
