using Fury.Compute.Contracts;
using Fury.Compute.Standard.Launching;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Placing;

/// <summary>What could be had for a pool: the types, zones and markets of the providers at its location.</summary>
internal sealed class Cells(InstanceProviders providers)
{
    /// <summary>Of a shared provider: the most that one request asks for.</summary>
    public const int LotMax = 100;

    /// <summary>
    /// All that would do for the pool, of those providers that answer. The fault of one that does not, when none does.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<Cell>>> Of(PoolSpec pool, CancellationToken cancellation)
    {
        var sites = providers.Sites(pool.Location);
        if (sites.Count == 0)
        {
            return providers.Unknown(pool.Location);
        }

        var asked = await Task.WhenAll(sites.Select(site => Of(pool, site, cancellation)));
        var found = asked.Where(answer => answer.IsOk).ToList();
        return found.Count == 0 ? asked[0].Fault! : found.SelectMany(answer => answer.Value).ToList();
    }

    private static async Task<Outcome<IReadOnlyList<Cell>>> Of(PoolSpec pool, Site site, CancellationToken cancellation)
    {
        if (!site.Provider.IsShared)
        {
            // One's own machine: no choice, and sizes are not enforced. One instance a request, so that each process knows its own id.
            return new List<Cell> { new(new(site.Provider.Name, site.Region, null, null, Market.OnDemand), 0, 0, LotMax: 1) };
        }

        return (await site.Provider.Types(site.Region, cancellation)).Then<IReadOnlyList<Cell>>(types => types
            .Where(type => Fits(pool.Release, type))
            .SelectMany(type => Of(site, type))
            .ToList());
    }

    private static bool Fits(ReleaseSpec release, InstanceType type) =>
        type.CpuMillis >= release.Size.CpuMillis
        && type.MemoryMiB >= release.Size.MemoryMiB
        && (release.Artifact.Architectures.Count == 0 || release.Artifact.Architectures.Contains(type.Architecture));

    private static IEnumerable<Cell> Of(Site site, InstanceType type) =>
        from zone in type.Zones.Count == 0 ? [null] : type.Zones.Cast<string?>()
        from market in type.HasSpot ? new[] { Market.OnDemand, Market.Spot } : [Market.OnDemand]
        select new Cell(
            new(site.Provider.Name, site.Region, zone, type.Name, market),
            market == Market.Spot ? type.SpotDollarsPerHour : type.DollarsPerHour,
            type.CpuMillis,
            LotMax);
}
