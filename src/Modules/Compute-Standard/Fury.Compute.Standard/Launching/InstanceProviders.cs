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

    /// <summary>Null when there is no such location; <see cref="Unknown"/> says so.</summary>
    public IInstanceProvider? Find(Location location) =>
        location.Group == Group && _byName.TryGetValue(location.Provider, out var provider) && provider.Regions.Contains(location.Region)
            ? provider
            : null;

    public Fault Unknown(Location location)
    {
        var known = _byName.Values.SelectMany(provider => provider.Regions.Select(region => $"{provider.Name}/{region}/{Group}"));
        return Fault.Invalid("location", location, $"one of {string.Join(", ", known)}");
    }
}
