using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>One Kubernetes cluster behind the neutral face. Each member is one line to the part that does it.</summary>
internal sealed class KubernetesCluster(string fingerprint, KubePlace place, DialectKeeper dialects, KubernetesUsage usage) : IOrchestratorCluster
{
    private readonly KubernetesPools _pools = new(place, dialects);
    private readonly KubernetesJobs _jobs = new(place, dialects);
    private readonly KubernetesSight _sight = new(place);
    private readonly KubernetesTraits _traits = new(place, dialects);

    public string Fingerprint => fingerprint;

    public async Task<Outcome<ClusterVersion>> Version(CancellationToken cancellation) =>
        (await dialects.Ask(cancellation)).Then<ClusterVersion>(dialect => dialect.ToVersion());

    public Task<Outcome<ClusterPool>> Apply(PoolWorkload workload, CancellationToken cancellation) => _pools.Apply(workload, cancellation);

    public Task<Outcome> Remove(PoolId pool, TimeSpan grace, CancellationToken cancellation) => _pools.Remove(pool, grace, cancellation);

    public Task<Outcome<ClusterPool>> SetReplicas(PoolId pool, int replicas, CancellationToken cancellation) =>
        _pools.SetReplicas(pool, replicas, cancellation);

    public Task<Outcome<ClusterPool>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) => _pools.SetFloor(pool, floor, cancellation);

    public Task<Outcome<ClusterPool>> FindPool(PoolId pool, CancellationToken cancellation) => _pools.Find(pool, cancellation);

    public Task<Outcome<IReadOnlyList<ClusterPool>>> Pools(CancellationToken cancellation) => _pools.All(cancellation);

    public Task<Outcome> EndReplica(string replica, TimeSpan grace, CancellationToken cancellation) => _pools.EndReplica(replica, grace, cancellation);

    public Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Usage(CancellationToken cancellation) => usage.Now(cancellation);

    public Task<Outcome<ClusterJob>> RunJob(JobWorkload workload, CancellationToken cancellation) => _jobs.Run(workload, cancellation);

    public Task<Outcome> RemoveJob(string job, CancellationToken cancellation) => _jobs.Remove(job, cancellation);

    public Task<Outcome<ClusterJob>> FindJob(string job, CancellationToken cancellation) => _jobs.Find(job, cancellation);

    public Task<Outcome<IReadOnlyList<ClusterJob>>> Jobs(CancellationToken cancellation) => _jobs.All(cancellation);

    public Task<Outcome> ApplySchedule(ScheduleWorkload workload, CancellationToken cancellation) => _jobs.ApplySchedule(workload, cancellation);

    public Task<Outcome> RemoveSchedule(string schedule, CancellationToken cancellation) => _jobs.RemoveSchedule(schedule, cancellation);

    public Task<Outcome<ClusterCapacity>> Capacity(CancellationToken cancellation) => _sight.Capacity(cancellation);

    public Task<Outcome<ClusterTraits>> Traits(CancellationToken cancellation) => _traits.Ask(cancellation);

    public IAsyncEnumerable<ClusterNews> Watch(CancellationToken cancellation) => KubernetesWatch.News(place, cancellation);

    public Task<Outcome<IReadOnlyList<ReplicaEvent>>> Events(string replica, CancellationToken cancellation) => _sight.Events(replica, cancellation);

    public Task<Outcome<ReplicaLog>> Logs(string replica, int tail, bool follow, CancellationToken cancellation) =>
        _sight.Logs(replica, tail, follow, cancellation);

    public void Dispose()
    {
        dialects.Dispose();
        place.Client.Dispose();
    }
}
