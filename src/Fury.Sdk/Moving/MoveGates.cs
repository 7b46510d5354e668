using Fury.Sdk.KeyValue;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>Whether a move may begin: pure, and everything that is wrong at once.</summary>
internal static class MoveGates
{
    /// <summary>What both sides must be able to do for keys to be handed over.</summary>
    public static IReadOnlyList<Capability> OfKeyValue { get; } = [KeyValueCapabilities.Cas, KeyValueCapabilities.StrongRead];

    public static IReadOnlyList<Capability> OfObjects { get; } =
        [ObjectCapabilities.ConditionalCreate, ObjectCapabilities.ConditionalUpdate, ObjectCapabilities.StrongListing];

    /// <param name="handOff">What a hand-over needs; null: that of a key-value store.</param>
    /// <param name="target">What a probe of the target has attested.</param>
    public static IReadOnlyList<string> Refusals(
        IReadOnlyCollection<Capability> required, CapabilitySet source, CapabilitySet? target, bool targetIsEmpty,
        IReadOnlyList<Capability>? handOff = null) =>
    [
        .. source.Missing(handOff ?? OfKeyValue).Select(each => $"The source lacks '{each}', by which keys are handed over."),
        .. target is { AttestedAt: not null } attested
            ? attested.Missing([.. handOff ?? OfKeyValue, .. required.Except(handOff ?? OfKeyValue)])
                .Select(each => $"The target was not attested to have '{each}'.")
            : ["The target was not attested; let the probe run."],
        .. from limit in source.Limits
           where target is not null && target.Limits.TryGetValue(limit.Key, out var there) && there < limit.Value
           select $"The target's {limit.Key} is {target!.Limits[limit.Key]:N0}, the source's {limit.Value:N0}.",
        .. targetIsEmpty ? Array.Empty<string>() : ["The target is not empty; give it another resource, or purge it."],
    ];
}
