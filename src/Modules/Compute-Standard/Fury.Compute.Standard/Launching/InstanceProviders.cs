using Fury.Compute.Contracts;
using Fury.Compute.Standard.Placing;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Options;

namespace Fury.Compute.Standard.Launching;

/// <summary>One region of one provider.</summary>
internal sealed record Site(IInstanceProvider Provider, string Region);

/// <summary>
/// The clouds of this host and where they are. A location is one region of one of them, or an area: several regions, of several providers where so set,
/// that a pool is spread over.
/// </summary>
internal sealed class InstanceProviders(IEnumerable<IInstanceProvider> providers, IOptions<StandardOptions> options)
{
    /// <summary>The last part of every location of this engine.</summary>
    public const string Group = "instances";

    /// <summary>Stands for the provider in the location of an area, e.g. <c>area/americas/instances</c>.</summary>
    public const string Area = "area";

    private readonly Dictionary<string, IInstanceProvider> _byName = providers.ToDictionary(provider => provider.Name);

    public IReadOnlyCollection<IInstanceProvider> All => _byName.Values;

    /// <summary>Where instances can be asked for, by name.</summary>
    public IReadOnlyList<Location> Locations =>
    [
        .. _byName.Values
            .SelectMany(provider => provider.Regions.Select(region => new Location(provider.Name, region, Group)))
            .Concat(options.Value.Areas.Keys.Select(area => new Location(Area, area, Group)))
            .Where(location => Sites(location).Count > 0)
            .OrderBy(location => $"{location}", StringComparer.Ordinal),
    ];

    /// <summary>Where instances of a pool at the location may be; none when there is no such location, and <see cref="Unknown"/> says so.</summary>
    public IReadOnlyList<Site> Sites(Location location) =>
        location.Group != Group ? []
        : location.Provider != Area ? [.. Find($"{location.Provider}/{location.Region}")]
        : options.Value.Areas.TryGetValue(location.Region, out var regions) ? [.. regions.SelectMany(Find)]
        : [];

    /// <summary>Whose instance it is, also when no more can be asked for there; null when the provider is not there.</summary>
    public IInstanceProvider? Of(Place place) => _byName.GetValueOrDefault(place.Provider);

    public Fault Unknown(Location location) => Fault.Invalid("location", location, $"one of {string.Join(", ", Locations)}");

    private IEnumerable<Site> Find(string site) =>
        site.Split('/', 2) is [var name, var region] && _byName.TryGetValue(name, out var provider) && provider.Regions.Contains(region)
            ? [new(provider, region)]
            : [];
}
