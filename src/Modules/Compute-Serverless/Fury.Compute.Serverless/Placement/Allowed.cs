using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>What a request names, as numbers and bits, found once for all chunks.</summary>
internal sealed class Allowed
{
    private readonly Place[] _places;
    private readonly ulong[] _leaving;
    private readonly int[] _workloadTypes;
    private readonly int[] _criticalities;
    private readonly List<int> _taints = [];

    public Allowed(Fleet fleet, PlacementRequest request, ReadOnlySpan<Affinity> affinities)
    {
        _workloadTypes = Kept(Trait.WorkloadType, request.WorkloadType.ToString());
        _criticalities = Kept(Trait.Criticality, request.Criticality.ToString());
        _leaving = Candidates.Names(fleet, request.Leaving);
        _places = new Place[affinities.Length];
        for (var rank = 0; rank < affinities.Length; rank++)
        {
            _places[rank] = Of(fleet, affinities[rank]);
        }

        foreach (var taint in fleet.Words.Taints)
        {
            if (!request.Tolerations.Any(name => fleet.Words.Find(Trait.Taint, name) == taint))
            {
                _taints.Add(taint);
            }
        }

        // Clusters that are kept for it, and those that are kept for nothing special.
        int[] Kept(Trait kind, string name) => [fleet.Words.Find(kind, name), fleet.Words.Find(kind, Segment.Any)];
    }

    public ulong ByWorkloadType(Chunk chunk) => Any(chunk, _workloadTypes);

    public ulong ByCriticality(Chunk chunk) => Any(chunk, _criticalities);

    public ulong ByAffinity(Chunk chunk, int number)
    {
        var any = 0UL;
        foreach (var place in _places)
        {
            any |= In(place, chunk, number);
        }

        return any & ~_leaving[number];
    }

    /// <summary>The first affinity that a cluster belongs to, of those that belong to one.</summary>
    public int Rank(Chunk chunk, int number, int slot)
    {
        var rank = 0;
        while (rank < _places.Length - 1 && (In(_places[rank], chunk, number) >> slot & 1) == 0)
        {
            rank++;
        }

        return rank;
    }

    public ulong ByTaint(Chunk chunk)
    {
        var tainted = 0UL;
        foreach (var taint in _taints)
        {
            tainted |= chunk.Bits(taint);
        }

        return ~tainted;
    }

    private static Place Of(Fleet fleet, Affinity affinity) => new(
        affinity.Clusters.Count == 0 ? null : Candidates.Names(fleet, affinity.Clusters),
        [.. affinity.Providers.Select(name => fleet.Words.Find(Trait.Provider, name))],
        [.. affinity.Regions.Select(name => fleet.Words.Find(Trait.Region, name))]);

    private static ulong In(Place place, Chunk chunk, int number) =>
        (place.Clusters?[number] ?? ulong.MaxValue) & Any(chunk, place.Providers) & Any(chunk, place.Regions);

    private static ulong Any(Chunk chunk, int[] traits)
    {
        if (traits.Length == 0)
        {
            return ulong.MaxValue;
        }

        var any = 0UL;
        foreach (var trait in traits)
        {
            any |= chunk.Bits(trait);
        }

        return any;
    }

    /// <summary>One affinity; null and nothing stand for all.</summary>
    private readonly record struct Place(ulong[]? Clusters, int[] Providers, int[] Regions);
}
