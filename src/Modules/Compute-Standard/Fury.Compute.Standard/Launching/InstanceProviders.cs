using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>The clouds of this host, by the first part of a location.</summary>
internal sealed class InstanceProviders(IEnumerable<IInstanceProvider> providers)
{
    /// <summary>The last part of every location of this engine.</summary>
    public const string Group = "instances";

    private readonly Dictionary<string, IInstanceProvider> _byName = providers.ToDictionary(provider => provider.Name);

    public IReadOnlyCollection<IInstanceProvider> All => _byName.Values;

    /// <summary>Where instances can be asked for, by name.</summary>
    public IReadOnlyList<Location> Locations =>
    [
        .. _byName.Values
            .SelectMany(provider => provider.Regions.Select(region => new Location(provider.Name, region, Group)))
            .OrderBy(location => $"{location}", StringComparer.Ordinal),
    ];

    /// <summary>Null when there is no such location; <see cref="Unknown"/> says so.</summary>
    public IInstanceProvider? Find(Location location) =>
        location.Group == Group && _byName.TryGetValue(location.Provider, out var provider) && provider.Regions.Contains(location.Region)
            ? provider
            : null;

    /// <summary>Whose instances are at the location, also when no more can be asked for there; null when the provider is not there.</summary>
    public IInstanceProvider? Of(Location location) => _byName.GetValueOrDefault(location.Provider);

    public Fault Unknown(Location location) => Fault.Invalid("location", location, $"one of {string.Join(", ", Locations)}");
}
