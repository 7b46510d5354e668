using Fury.Kernel;

namespace Fury.Providers.Gcp;

/// <summary>The zones of regions. They change about once a year; asked for again after an hour.</summary>
internal sealed class ZoneList(GceWire wire, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private (DateTimeOffset At, ILookup<string, string> Zones)? _known;

    /// <summary>In the order of their names.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> Of(string region, CancellationToken cancellation)
    {
        if (_known is not { } known || clock.GetUtcNow() - known.At >= Kept)
        {
            var listed = await wire.Zones(cancellation);
            if (!listed.IsOk)
            {
                return listed.Fault;
            }

            known = (clock.GetUtcNow(), listed.Value.ToLookup(zone => InstanceReading.Last(zone.Region), zone => zone.Name));
            _known = known;
        }

        return known.Zones[region].Order(StringComparer.Ordinal).ToList() is { Count: > 0 } zones
            ? zones
            : Fault.Invalid("region", region, $"one that there is: {string.Join(", ", known.Zones.Select(one => one.Key).Order(StringComparer.Ordinal))}");
    }
}
