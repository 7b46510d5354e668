using System.Diagnostics.CodeAnalysis;

namespace Fury.Sdk;

/// <summary>What a bound resource can do: declared by its driver, and attested by a probe of the very resource when it was bound.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "A set of capabilities, as the field calls it.")]
public sealed class CapabilitySet(
    IReadOnlyDictionary<Capability, CapabilityLevel> levels,
    IReadOnlyDictionary<string, long>? limits = null,
    DateTimeOffset? attestedAt = null)
{
    /// <summary>Nothing at all, as long as nothing is bound.</summary>
    public static CapabilitySet Empty { get; } = new(new Dictionary<Capability, CapabilityLevel>());

    public IReadOnlyDictionary<Capability, CapabilityLevel> Levels { get; } = levels;

    /// <summary>Bounds by name with their units, e.g. <c>value.max-bytes</c>.</summary>
    public IReadOnlyDictionary<string, long> Limits { get; } = limits ?? new Dictionary<string, long>();

    /// <summary>When the probe ran; null when only the driver's word stands for it.</summary>
    public DateTimeOffset? AttestedAt { get; } = attestedAt;

    public static CapabilitySet Native(params Capability[] capabilities) =>
        new(capabilities.ToDictionary(each => each, _ => CapabilityLevel.Native));

    public CapabilityLevel Level(Capability capability) => Levels.GetValueOrDefault(capability);

    public bool Has(Capability capability) => Level(capability) != CapabilityLevel.None;

    /// <summary>Those of the given that are not there, in their order.</summary>
    public IReadOnlyList<Capability> Missing(IEnumerable<Capability> required) => [.. required.Where(each => !Has(each))];

    /// <summary>The same without some: what a probe has found to be a lie, or what a test takes away.</summary>
    public CapabilitySet Without(params Capability[] capabilities) =>
        new(Levels.Where(each => !capabilities.Contains(each.Key)).ToDictionary(), Limits, AttestedAt);
}
