using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Watching;

/// <summary>What the watch of one cluster has shown so far. Costs what has changed. Not safe for threads.</summary>
internal sealed class ClusterState(string cluster)
{
    private readonly Dictionary<PoolId, Dictionary<string, SeenReplica>> _pools = [];
    private readonly Dictionary<string, (PoolId Pool, string Node)> _bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _zones = new(StringComparer.Ordinal);
    private readonly HashSet<PoolId> _dirty = [];

    public bool IsSynced { get; private set; }

    /// <summary>Nothing is heard of the cluster at the moment.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>What is bound to which node, or the nodes, differ from when the room was last looked at: set to false by whoever looks.</summary>
    public bool IsRoomOld { get; set; } = true;

    /// <summary>Pools whose replicas differ from what was last taken.</summary>
    public bool IsDirty => IsSynced && _dirty.Count > 0;

    public void Hear(ClusterNews news)
    {
        switch (news)
        {
            case ClusterNews.ReplicaSeen { Replica: { Pool: { } pool } replica }:
                Of(pool)[replica.Uid] = Workloads.Seen(cluster, replica);
                _dirty.Add(pool);
                Bind(replica, pool);
                break;
            case ClusterNews.ReplicaGone { Last: { Pool: { } pool } last }:
                Of(pool).Remove(last.Uid);
                _dirty.Add(pool);
                IsRoomOld |= _bound.Remove(last.Uid);
                break;
            case ClusterNews.NodeSeen seen:
                _zones[seen.Node.Name] = seen.Node.Zone;
                IsRoomOld = true;
                break;
            case ClusterNews.NodeGone gone:
                _zones.Remove(gone.Last.Name);
                IsRoomOld = true;
                break;
            case ClusterNews.Synced:
                (IsSynced, IsInterrupted) = (true, false);
                break;
            case ClusterNews.Interrupted:
                IsInterrupted = true;
                break;
        }
    }

    /// <summary>Of these it is on record that they have replicas here; those that were not seen have none any more.</summary>
    public void Expect(IEnumerable<PoolId> pools) => _dirty.UnionWith(pools);

    /// <summary>All replicas of the pools that have changed since the last call.</summary>
    public IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> Take()
    {
        var taken = _dirty.ToDictionary(
            pool => pool,
            pool => (IReadOnlyList<SeenReplica>)[.. _pools.GetValueOrDefault(pool, []).Values.OrderBy(replica => replica.Name, StringComparer.Ordinal)]);
        _dirty.Clear();
        foreach (var pool in taken.Where(entry => entry.Value.Count == 0).Select(entry => entry.Key))
        {
            _pools.Remove(pool);
        }

        return taken;
    }

    /// <summary>They could not be written, and are news again.</summary>
    public void GiveBack(IEnumerable<PoolId> pools) => _dirty.UnionWith(pools);

    /// <summary>How many replicas of each pool are bound to nodes, by zone.</summary>
    public IReadOnlyList<Bound> Bound(Cluster facts) =>
    [
        .. from bound in _bound.Values
           group bound by (bound.Pool, Zone: ZoneOf(facts, _zones.GetValueOrDefault(bound.Node))) into place
           select new Bound(place.Key.Pool, place.Key.Zone, place.Count()),
    ];

    /// <summary>A cluster of one zone need not say which.</summary>
    public static int ZoneOf(Cluster facts, string? zone) => facts.Zones.Count == 1 ? 0 : zone is null ? -1 : facts.ZoneOf(zone);

    private void Bind(ClusterReplica replica, PoolId pool)
    {
        if (replica.Node is { } node && replica.Stage is not (ReplicaStage.Succeeded or ReplicaStage.Failed))
        {
            IsRoomOld |= _bound.TryAdd(replica.Uid, (pool, node));
        }
        else
        {
            IsRoomOld |= _bound.Remove(replica.Uid);
        }
    }

    private Dictionary<string, SeenReplica> Of(PoolId pool) =>
        _pools.TryGetValue(pool, out var replicas) ? replicas : _pools[pool] = new(StringComparer.Ordinal);
}
