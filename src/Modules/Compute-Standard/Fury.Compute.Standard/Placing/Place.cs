using System.Text.Json.Serialization;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Placing;

/// <summary>Where one instance is asked for, and what is asked for there.</summary>
/// <param name="Zone">Null where the region has no zones.</param>
/// <param name="Type">Null where the provider has no choice of types.</param>
internal sealed record Place(string Provider, string Region, string? Zone, string? Type, Market Market)
{
    [JsonIgnore]
    public string InRegion => $"{Provider}/{Region}";

    [JsonIgnore]
    public string InZone => $"{Provider}/{Region}/{Zone}";

    /// <summary>Any type in any zone: what a quota counts.</summary>
    public Place WholeRegion() => this with { Zone = null, Type = null };

    /// <summary>What a replica of a pool with instances at several providers or regions says of where it is.</summary>
    [JsonIgnore]
    public string Group => $"{Provider}.{Region}";

    public override string ToString() => string.Join('/', new[] { Provider, Region, Zone, Type, Word.Of(Market) }.Where(part => part is not null));
}

/// <summary>A place that may be chosen.</summary>
/// <param name="DollarsPerHour">In its market; null where it is not told.</param>
/// <param name="Size">For the order of what has no price: thousandths of a core.</param>
/// <param name="LotMax">Instances that one request may ask for.</param>
internal sealed record Cell(Place Place, decimal? DollarsPerHour, int Size, int LotMax);

/// <summary>So many instances of one place, asked for in one go.</summary>
internal sealed record Lot(Place Place, int Count);
