using System.Numerics;
using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// How good a cluster is for one request. Price, headroom and freshness are columns and are counted for a whole chunk at once; the rest asks
/// about single bits and is counted for those that are left. Same request, same fleet, same moment: same score to the last bit.
/// </summary>
internal sealed class Scoring
{
    public const float PriceWeight = 0.35f;
    public const float HeadroomWeight = 0.3f;
    public const float FreshnessWeight = 0.15f;
    public const float SpreadWeight = 0.1f;
    public const float WarmWeight = 0.08f;
    public const float ChanceWeight = 0.02f;

    /// <summary>What is seen may be so old before it costs.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(60);

    /// <summary>About a core and a GiB on demand: at this price half of the part is left, whatever clusters there are.</summary>
    private const float CpuReferencePrice = 0.03f;
    private const float MemoryReferencePrice = 0.004f;

    private readonly float[] _headrooms = new float[Chunk.Size];
    private readonly float[] _ages = new float[Chunk.Size];
    private readonly HashSet<int> _providers = [];
    private readonly HashSet<int> _regions = [];
    private readonly HashSet<int> _zones = [];
    private float _cores;
    private float _gibibytes;
    private float _reference;
    private float _wanted;
    private uint _seed;
    private PlacementRequest _request = null!;
    private bool _spreads;

    /// <summary>Begins with another request.</summary>
    public void Of(Fleet fleet, PlacementRequest request)
    {
        _request = request;
        (_cores, _gibibytes) = (request.Size.CpuMillis / 1000f, request.Size.MemoryMiB / 1024f);
        _reference = (_cores * CpuReferencePrice) + (_gibibytes * MemoryReferencePrice);
        _wanted = Math.Max(1, request.Replicas);
        _seed = request.Seed;
        _spreads = request.Spreads.Count > 0 && request.Current.Count > 0;
        if (!_spreads)
        {
            return;
        }

        foreach (var set in new[] { _providers, _regions, _zones })
        {
            set.Clear();
        }

        foreach (var placed in request.Current)
        {
            if (fleet.Find(placed.Cluster) is { } cluster)
            {
                _providers.Add(fleet.Words.Find(Trait.Provider, cluster.Provider));
                _regions.Add(fleet.Words.Region(cluster));
                _zones.Add(fleet.Words.Zone(cluster, placed.Zone));
            }
        }
    }

    /// <summary>Price, headroom and freshness of all of a chunk; what stands where nothing fits means nothing.</summary>
    public void Score(Chunk chunk, Fit?[] fits, float[] scores, DateTimeOffset now)
    {
        for (var slot = 0; slot < Chunk.Size; slot++)
        {
            _headrooms[slot] = fits[slot] is { } fit ? Headroom(fit) : 0;
            _ages[slot] = Age(chunk.ObservedAt[slot], now);
        }

        var (cores, gibibytes, reference, wanted) =
            (new Vector<float>(_cores), new Vector<float>(_gibibytes), new Vector<float>(_reference), new Vector<float>(_wanted));
        for (var slot = 0; slot < Chunk.Size; slot += Vector<float>.Count)
        {
            var cost = (cores * new Vector<float>(chunk.CpuPrices, slot)) + (gibibytes * new Vector<float>(chunk.MemoryPrices, slot));
            var headroom = new Vector<float>(_headrooms, slot);
            var price = new Vector<float>(PriceWeight) * (reference / (reference + cost));
            var room = new Vector<float>(HeadroomWeight) * (headroom / (headroom + wanted));
            var fresh = new Vector<float>(FreshnessWeight) * new Vector<float>(_ages, slot);
            (price + room + fresh).CopyTo(scores, slot);
        }
    }

    /// <summary>What is to be asked cluster by cluster: spread, warmth and chance.</summary>
    public float Own(Chunk chunk, int slot, bool warm) => Spread(chunk, slot) + (warm ? WarmWeight : 0) + Chance(chunk, slot);

    /// <summary>The same once more for one cluster, part by part.</summary>
    public ScoreParts Parts(Chunk chunk, int slot, Fit fit, bool warm, DateTimeOffset now)
    {
        var cost = (_cores * chunk.CpuPrices[slot]) + (_gibibytes * chunk.MemoryPrices[slot]);
        var headroom = Headroom(fit);
        return new(
            PriceWeight * (_reference / (_reference + cost)),
            HeadroomWeight * (headroom / (headroom + _wanted)),
            FreshnessWeight * Age(chunk.ObservedAt[slot], now),
            Spread(chunk, slot),
            warm ? WarmWeight : 0,
            Chance(chunk, slot));
    }

    /// <summary>A node that is still to come counts half: it takes minutes, and may not come.</summary>
    private static float Headroom(Fit fit) => (fit.Ready + fit.Total) / 2f;

    /// <summary>1 while it is fresh, 0 when nothing is promised on it any more.</summary>
    private static float Age(long observedAt, DateTimeOffset now)
    {
        var over = (now.UtcTicks - observedAt - FreshFor.Ticks) / (float)(Candidates.StaleAfter - FreshFor).Ticks;
        return 1 - Math.Clamp(over, 0, 1);
    }

    /// <summary>Of the levels over which the pool is spread, those in which it is not here yet.</summary>
    private float Spread(Chunk chunk, int slot)
    {
        if (!_spreads)
        {
            return SpreadWeight;
        }

        var elsewhere = 0;
        foreach (var spread in _request.Spreads)
        {
            elsewhere += IsHere(spread.Level, chunk, slot) ? 0 : 1;
        }

        return SpreadWeight * elsewhere / _request.Spreads.Count;
    }

    private bool IsHere(SpreadLevel level, Chunk chunk, int slot) => level switch
    {
        SpreadLevel.Provider => _providers.Contains(chunk.Providers[slot]),
        SpreadLevel.Region => _regions.Contains(chunk.Regions[slot]),
        SpreadLevel.Cluster => _request.Current.Any(placed => placed.Cluster == chunk.Clusters[slot]!.Name),
        _ => chunk.Zones[slot].Any(_zones.Contains),
    };

    private float Chance(Chunk chunk, int slot)
    {
        // The finaliser of MurmurHash3: every bit of the seed and of the name moves every bit of the draw.
        var draw = chunk.NameHashes[slot] ^ (_seed * 0x9E3779B9);
        draw = unchecked((draw ^ (draw >> 16)) * 0x85EBCA6B);
        draw = unchecked((draw ^ (draw >> 13)) * 0xC2B2AE35);
        draw ^= draw >> 16;
        return ChanceWeight * (draw >> 8) / (1 << 24);
    }
}
