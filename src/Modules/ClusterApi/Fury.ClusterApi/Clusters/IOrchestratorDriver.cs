using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Clusters;

/// <summary>
/// Speaks with one kind of orchestrator. The seam behind the contract: another orchestrator is another implementation, held to the same
/// conformance suite (<c>ClusterApiContract</c>). What comes in has been checked; words of one orchestrator stay behind this line.
/// </summary>
internal interface IOrchestratorDriver
{
    /// <summary>What stands in <see cref="ClusterAccess.Orchestrator"/>.</summary>
    string Name { get; }

    /// <summary>Reads and checks the access; sends nothing to the cluster.</summary>
    /// <param name="isTrusted">False for an access that came over the network, which may not name files or programs of this machine.</param>
    Task<Outcome<IOrchestratorCluster>> Open(ClusterName cluster, ClusterAccess access, bool isTrusted, CancellationToken cancellation);
}

/// <summary>One cluster, as its driver knows it. Members keep what <see cref="IClusterApi"/> says of theirs.</summary>
internal interface IOrchestratorCluster : IDisposable
{
    /// <summary>Differs when what its access says differs, files that it names included. Tells nothing of it.</summary>
    string Fingerprint { get; }

    Task<Outcome<ClusterVersion>> Version(CancellationToken cancellation);

    Task<Outcome<ClusterPool>> Apply(PoolWorkload workload, CancellationToken cancellation);

    Task<Outcome> Remove(PoolId pool, TimeSpan grace, CancellationToken cancellation);

    Task<Outcome<ClusterPool>> SetReplicas(PoolId pool, int replicas, CancellationToken cancellation);

    Task<Outcome<ClusterPool>> SetFloor(PoolId pool, int floor, CancellationToken cancellation);

    Task<Outcome<ClusterPool>> FindPool(PoolId pool, CancellationToken cancellation);

    Task<Outcome<IReadOnlyList<ClusterPool>>> Pools(CancellationToken cancellation);

    Task<Outcome> EndReplica(string replica, TimeSpan grace, CancellationToken cancellation);

    Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Usage(CancellationToken cancellation);

    Task<Outcome<ClusterJob>> RunJob(JobWorkload workload, CancellationToken cancellation);

    Task<Outcome> RemoveJob(string job, CancellationToken cancellation);

    Task<Outcome<ClusterJob>> FindJob(string job, CancellationToken cancellation);

    Task<Outcome<IReadOnlyList<ClusterJob>>> Jobs(CancellationToken cancellation);

    Task<Outcome> ApplySchedule(ScheduleWorkload workload, CancellationToken cancellation);

    Task<Outcome> RemoveSchedule(string schedule, CancellationToken cancellation);

    Task<Outcome<ClusterCapacity>> Capacity(CancellationToken cancellation);

    Task<Outcome<ClusterTraits>> Traits(CancellationToken cancellation);

    IAsyncEnumerable<ClusterNews> Watch(CancellationToken cancellation);

    Task<Outcome<IReadOnlyList<ReplicaEvent>>> Events(string replica, CancellationToken cancellation);

    Task<Outcome<ReplicaLog>> Logs(string replica, int tail, bool follow, CancellationToken cancellation);
}
