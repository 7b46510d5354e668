using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>One cluster in the ledger: what was last seen of it, what is promised of it, and so what room it has.</summary>
internal sealed class Book(string name)
{
    private readonly Dictionary<PoolId, Reservation> _promises = [];
    private readonly Dictionary<PoolId, int[]> _bound = [];

    public string Name => name;

    /// <summary>Null while it is not registered; promises of it are kept all the same.</summary>
    public Cluster? Cluster { get; set; }

    public ClusterSeen? Seen { get; private set; }

    public Room Room { get; private set; } = Room.None(0);

    public IReadOnlyCollection<Reservation> Promises => _promises.Values;

    /// <summary>Every pool that has something here.</summary>
    public IEnumerable<PoolId> Pools => _promises.Keys.Union(_bound.Keys);

    public Reservation? Promise(PoolId pool) => _promises.GetValueOrDefault(pool);

    /// <summary>What the pool has here by zone: what is promised or what runs, whichever is more in all.</summary>
    public int[] Has(PoolId pool)
    {
        var bound = _bound.GetValueOrDefault(pool, []);
        if (Promise(pool) is not { } promise)
        {
            return bound;
        }

        var promised = Zones(promise);
        return promised.Sum() >= bound.Sum() ? promised : bound;
    }

    public int BoundOf(PoolId pool) => _bound.GetValueOrDefault(pool, []).Sum();

    /// <summary>Without counting the room anew: the caller has taken it, or counts it when all is read.</summary>
    public void Keep(Reservation promise) => _promises[promise.Pool] = promise;

    public bool Drop(PoolId pool) => _promises.Remove(pool);

    public void DropAll() => _promises.Clear();

    public void Took(Room room) => Room = room;

    /// <summary>What is bound now; older news than the last changes nothing.</summary>
    public bool See(ClusterSeen seen)
    {
        if (Cluster is null || seen.At < Seen?.At)
        {
            return false;
        }

        Seen = seen;
        _bound.Clear();
        foreach (var bound in seen.Bound)
        {
            if (bound.Zone >= 0 && bound.Zone < Cluster.Zones.Count)
            {
                if (!_bound.TryGetValue(bound.Pool, out var zones))
                {
                    _bound[bound.Pool] = zones = new int[Cluster.Zones.Count];
                }

                zones[bound.Zone] += bound.Replicas;
            }
        }

        return true;
    }

    /// <summary>Other zones give the numbers of what was seen another meaning.</summary>
    public void Forget()
    {
        Seen = null;
        _bound.Clear();
    }

    /// <summary>
    /// The seen holes with all that is outstanding laid into them: the biggest first, then by pool, so that it does not depend on who came
    /// when. What does not fit any more leaves no room for anybody.
    /// </summary>
    public void Count()
    {
        Room = Cluster is null || Seen is null ? Room.None(Cluster?.Zones.Count ?? 0) : Room.Of(Cluster, Seen);
        foreach (var promise in _promises.Values
            .Where(promise => promise.Outstanding > 0)
            .OrderByDescending(promise => promise.Size.CpuMillis)
            .ThenByDescending(promise => promise.Size.MemoryMiB)
            .ThenBy(promise => promise.Pool.Value))
        {
            Room = Room.Take(promise.Size, Outstanding(promise), out _);
        }
    }

    /// <summary>By zone, what is promised and not bound; those that were bound in other zones than they were promised in count too.</summary>
    private int[] Outstanding(Reservation promise)
    {
        var (zones, bound) = (Zones(promise), _bound.GetValueOrDefault(promise.Pool, []));
        var left = promise.Outstanding;
        for (var zone = 0; zone < zones.Length; zone++)
        {
            zones[zone] = Math.Min(left, Math.Max(0, zones[zone] - (zone < bound.Length ? bound[zone] : 0)));
            left -= zones[zone];
        }

        return zones;
    }

    private int[] Zones(Reservation promise)
    {
        var zones = new int[Cluster?.Zones.Count ?? 0];
        for (var zone = 0; zone < zones.Length; zone++)
        {
            zones[zone] = promise.Zones.GetValueOrDefault(Cluster!.Zones[zone]);
        }

        return zones;
    }
}
