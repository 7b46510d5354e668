using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Watching;

/// <summary>What the watch of one cluster has shown so far. Costs what has changed. Not safe for threads.</summary>
internal sealed class ClusterState(string cluster)
{
    private readonly Dictionary<string, (PoolId Promise, string Node)> _bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _zones = new(StringComparer.Ordinal);

    public SeenGroups<PoolId, SeenReplica> Pools { get; } = new(replica => replica.Name);

    public SeenGroups<RunId, SeenAttempt> Runs { get; } = new(attempt => attempt.Name);

    public bool IsSynced { get; private set; }

    /// <summary>Nothing is heard of the cluster at the moment.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>What is bound to which node, or the nodes, differ from when the room was last looked at: set to false by whoever looks.</summary>
    public bool IsRoomOld { get; set; } = true;

    /// <summary>There is something to take.</summary>
    public bool IsDirty => IsSynced && (Pools.IsDirty || Runs.IsDirty);

    public void Hear(ClusterNews news)
    {
        switch (news)
        {
            case ClusterNews.ReplicaSeen { Replica: { Pool: { } pool } replica }:
                Pools.Put(pool, replica.Uid, Workloads.Seen(cluster, replica));
                Bind(replica, pool);
                break;
            case ClusterNews.ReplicaSeen { Replica: var replica } when ClusterJobs.TryRead(replica.Job, out var run):
                Runs.Put(run, replica.Uid, SeenAttempt.Of(replica));
                Bind(replica, new PoolId(run.Value));
                break;
            case ClusterNews.ReplicaGone { Last: { Pool: { } pool } last }:
                Pools.Remove(pool, last.Uid);
                IsRoomOld |= _bound.Remove(last.Uid);
                break;
            case ClusterNews.ReplicaGone { Last: var last } when ClusterJobs.TryRead(last.Job, out var run):
                Runs.Remove(run, last.Uid);
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

    /// <summary>How many replicas of each pool, and of each run, are bound to nodes, by zone.</summary>
    public IReadOnlyList<Bound> Bound(Cluster facts) =>
    [
        .. from bound in _bound.Values
           group bound by (bound.Promise, Zone: ZoneOf(facts, _zones.GetValueOrDefault(bound.Node))) into place
           select new Bound(place.Key.Promise, place.Key.Zone, place.Count()),
    ];

    /// <summary>A cluster of one zone need not say which.</summary>
    public static int ZoneOf(Cluster facts, string? zone) => facts.Zones.Count == 1 ? 0 : zone is null ? -1 : facts.ZoneOf(zone);

    private void Bind(ClusterReplica replica, PoolId promise)
    {
        if (replica.Node is { } node && replica.Stage is not (ReplicaStage.Succeeded or ReplicaStage.Failed))
        {
            IsRoomOld |= _bound.TryAdd(replica.Uid, (promise, node));
        }
        else
        {
            IsRoomOld |= _bound.Remove(replica.Uid);
        }
    }
}
