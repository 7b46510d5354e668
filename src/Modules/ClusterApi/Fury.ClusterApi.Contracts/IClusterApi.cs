using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>
/// One stable API in front of many clusters, whatever orchestrator and whatever version of it runs them. Every member touches only what
/// carries the owner mark of its <see cref="ClusterAccess"/>, records a wish in the cluster and returns; the cluster follows, and
/// <see cref="Watch"/> tells. Errors are typed: <see cref="FaultKind.Throttled"/> and <see cref="FaultKind.Unavailable"/> (transient, and
/// already repeated within bounds), <see cref="FaultKind.Forbidden"/> (its facts name <c>verb</c> and <c>resource</c>),
/// <see cref="FaultKind.Unauthenticated"/> (either side could not prove itself), <see cref="FaultKind.NotFound"/>,
/// <see cref="FaultKind.Conflict"/>, <see cref="FaultKind.Exhausted"/> (a quota of the cluster), <see cref="FaultKind.Invalid"/>.
/// </summary>
public interface IClusterApi
{
    /// <summary>What may stand in <see cref="ClusterAccess.Orchestrator"/>.</summary>
    IReadOnlyList<string> Orchestrators { get; }

    /// <summary>The clusters that are known here, by name.</summary>
    IReadOnlyList<ClusterName> Clusters { get; }

    /// <summary>
    /// Makes a cluster known. The access is read and checked, and nothing is sent: a cluster that is down can be made known. The same access
    /// again changes nothing; another one takes the place of the first, and watches through the first end.
    /// </summary>
    Task<Outcome> Connect(ClusterName cluster, ClusterAccess access, CancellationToken cancellation);

    /// <summary>Forgets the cluster and ends its watches. Nothing in the cluster is touched; one that is not known is a success.</summary>
    Task Disconnect(ClusterName cluster);

    /// <summary>What the cluster runs, asked now. A version that is not supported is a conflict that names it.</summary>
    Task<Outcome<ClusterVersion>> Version(ClusterName cluster, CancellationToken cancellation);

    /// <summary>
    /// Makes the pool be as asked. Idempotent by pool id and client token: the same token with the same workload makes again what has gone
    /// missing and changes nothing else, so a late repeat undoes no newer <see cref="SetReplicas"/>; a new token moves the numbers (replicas,
    /// scaling, budget) there; with scaling the replicas are only grown, unless to 0 or under a lower ceiling. The same token with another
    /// workload, and another template for a known pool, are conflicts.
    /// </summary>
    Task<Outcome<ClusterPool>> Apply(ClusterName cluster, PoolWorkload workload, CancellationToken cancellation);

    /// <summary>
    /// Takes the pool and all that belongs to it away; each replica has <paramref name="grace"/>, 0 to 1 hour, to end its work, or the grace of its template
    /// where that is shorter. A pool that is not there is a success.
    /// </summary>
    Task<Outcome> Remove(ClusterName cluster, PoolId pool, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// Sets how many replicas there are now, 0 to 1000. Autoscaling, where the pool has it, goes on from there; 0 sends it to sleep until there is a
    /// replica again.
    /// </summary>
    Task<Outcome<ClusterPool>> SetReplicas(ClusterName cluster, PoolId pool, int replicas, CancellationToken cancellation);

    /// <summary>
    /// Sets the number below which autoscaling may not go, and grows to it; it never shrinks the pool. Nobody else writes it. A conflict for
    /// a pool without autoscaling, invalid above its ceiling.
    /// </summary>
    Task<Outcome<ClusterPool>> SetFloor(ClusterName cluster, PoolId pool, int floor, CancellationToken cancellation);

    /// <summary>The pool as it is now; not found when there is none.</summary>
    Task<Outcome<ClusterPool>> FindPool(ClusterName cluster, PoolId pool, CancellationToken cancellation);

    /// <summary>Every pool that carries the owner mark.</summary>
    Task<Outcome<IReadOnlyList<ClusterPool>>> Pools(ClusterName cluster, CancellationToken cancellation);

    /// <summary>
    /// Ends one replica of a pool: it is told to stop, and has <paramref name="grace"/>, 0 to 1 hour, to end its work. From that moment it does not count
    /// any more, so that the cluster starts another in its place at once, where it has room for both. One that is not there is a success.
    /// </summary>
    Task<Outcome> EndReplica(ClusterName cluster, string replica, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// What the owned replicas use, as the cluster measured it last: it is asked every 5 s at most, whoever asks. What it has not measured is left out,
    /// so that a cluster that measures nothing tells of none.
    /// </summary>
    Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Usage(ClusterName cluster, CancellationToken cancellation);

    /// <summary>Runs something to its end, once for each name: the same workload again is the same run, another one is a conflict.</summary>
    Task<Outcome<ClusterJob>> RunJob(ClusterName cluster, JobWorkload workload, CancellationToken cancellation);

    /// <summary>Takes the job and its replicas away, running or not. One that is not there is a success.</summary>
    Task<Outcome> RemoveJob(ClusterName cluster, string job, CancellationToken cancellation);

    /// <summary>The job as it is now; not found when there is none.</summary>
    Task<Outcome<ClusterJob>> FindJob(ClusterName cluster, string job, CancellationToken cancellation);

    /// <summary>Every job that carries the owner mark, with the runs of schedules.</summary>
    Task<Outcome<IReadOnlyList<ClusterJob>>> Jobs(ClusterName cluster, CancellationToken cancellation);

    /// <summary>Makes the schedule be as asked; runs that have begun go on as they were.</summary>
    Task<Outcome> ApplySchedule(ClusterName cluster, ScheduleWorkload workload, CancellationToken cancellation);

    /// <summary>Takes the schedule and its runs away. One that is not there is a success.</summary>
    Task<Outcome> RemoveSchedule(ClusterName cluster, string schedule, CancellationToken cancellation);

    /// <summary>What the cluster has and what is asked of it, by everybody, counted now.</summary>
    Task<Outcome<ClusterCapacity>> Capacity(ClusterName cluster, CancellationToken cancellation);

    /// <summary>
    /// What sets the cluster apart, asked now. Only its version and its nodes must be readable; of what else cannot be read the traits say that it is
    /// not told, or nothing.
    /// </summary>
    Task<Outcome<ClusterTraits>> Traits(ClusterName cluster, CancellationToken cancellation);

    /// <summary>
    /// First every owned replica and every node, then <see cref="ClusterNews.Synced"/>, then changes, in order for each replica and node. A
    /// cut connection is mended inside: what was missed is told, also what has gone. While it lasts, <see cref="ClusterNews.Interrupted"/>
    /// says once why news may be late, and the next <see cref="ClusterNews.Synced"/> that it is whole again. Ends when cancelled, and when
    /// the cluster is not known (any more).
    /// </summary>
    IAsyncEnumerable<ClusterNews> Watch(ClusterName cluster, CancellationToken cancellation);

    /// <summary>What the cluster has noted about a replica, oldest first.</summary>
    Task<Outcome<IReadOnlyList<ReplicaEvent>>> Events(ClusterName cluster, string replica, CancellationToken cancellation);

    /// <summary>
    /// The last <paramref name="tail"/> lines, 0 to 100,000, that the replica wrote, then, with <paramref name="follow"/>, new ones as they come until it ends.
    /// </summary>
    Task<Outcome<ReplicaLog>> Logs(ClusterName cluster, string replica, int tail, bool follow, CancellationToken cancellation);
}
