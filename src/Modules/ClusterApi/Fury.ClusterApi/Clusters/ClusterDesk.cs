using System.Runtime.CompilerServices;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Clusters;

/// <summary>The contract's face: which clusters are known, and which driver speaks with each. Checks what is asked before a driver sees it.</summary>
internal sealed class ClusterDesk(IEnumerable<IOrchestratorDriver> drivers) : IClusterApi, IDisposable
{
    private readonly Dictionary<string, IOrchestratorDriver> _drivers = drivers.ToDictionary(driver => driver.Name, StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<ClusterName, Known> _clusters = [];

    public IReadOnlyList<string> Orchestrators => [.. _drivers.Keys.Order(StringComparer.Ordinal)];

    public IReadOnlyList<ClusterName> Clusters
    {
        get
        {
            lock (_lock)
            {
                return [.. _clusters.Keys.OrderBy(name => name.Value, StringComparer.Ordinal)];
            }
        }
    }

    public Task<Outcome> Connect(ClusterName cluster, ClusterAccess access, CancellationToken cancellation) =>
        Open(cluster, access, isTrusted: true, cancellation);

    /// <summary>As <see cref="Connect"/>, for an access that came over the network, which may name no files and no programs.</summary>
    public Task<Outcome> ConnectFromNetwork(ClusterName cluster, ClusterAccess access, CancellationToken cancellation) =>
        Open(cluster, access, isTrusted: false, cancellation);

    public Task Disconnect(ClusterName cluster)
    {
        Known? known;
        lock (_lock)
        {
            _clusters.Remove(cluster, out known);
        }

        known?.Dispose();
        return Task.CompletedTask;
    }

    public Task<Outcome<ClusterVersion>> Version(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Version(cancellation));

    public Task<Outcome<ClusterPool>> Apply(ClusterName cluster, PoolWorkload workload, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.Check(workload), known => known.Apply(workload, cancellation));

    public Task<Outcome> Remove(ClusterName cluster, PoolId pool, TimeSpan grace, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckGrace(grace), known => known.Remove(pool, grace, cancellation));

    public Task<Outcome<ClusterPool>> SetReplicas(ClusterName cluster, PoolId pool, int replicas, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckReplicas(replicas), known => known.SetReplicas(pool, replicas, cancellation));

    public Task<Outcome<ClusterPool>> SetFloor(ClusterName cluster, PoolId pool, int floor, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckReplicas(floor), known => known.SetFloor(pool, floor, cancellation));

    public Task<Outcome<ClusterPool>> FindPool(ClusterName cluster, PoolId pool, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.FindPool(pool, cancellation));

    public Task<Outcome<IReadOnlyList<ClusterPool>>> Pools(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Pools(cancellation));

    public Task<Outcome> EndReplica(ClusterName cluster, string replica, TimeSpan grace, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckObject(replica) ?? WorkloadRules.CheckGrace(grace), known => known.EndReplica(replica, grace, cancellation));

    public Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Usage(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Usage(cancellation));

    public Task<Outcome<ClusterJob>> RunJob(ClusterName cluster, JobWorkload workload, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.Check(workload), known => known.RunJob(workload, cancellation));

    public Task<Outcome> RemoveJob(ClusterName cluster, string job, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckName(job), known => known.RemoveJob(job, cancellation));

    public Task<Outcome<ClusterJob>> FindJob(ClusterName cluster, string job, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckObject(job), known => known.FindJob(job, cancellation));

    public Task<Outcome<IReadOnlyList<ClusterJob>>> Jobs(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Jobs(cancellation));

    public Task<Outcome> ApplySchedule(ClusterName cluster, ScheduleWorkload workload, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.Check(workload), known => known.ApplySchedule(workload, cancellation));

    public Task<Outcome> RemoveSchedule(ClusterName cluster, string schedule, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckName(schedule), known => known.RemoveSchedule(schedule, cancellation));

    public Task<Outcome<ClusterCapacity>> Capacity(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Capacity(cancellation));

    public Task<Outcome<ClusterTraits>> Traits(ClusterName cluster, CancellationToken cancellation) =>
        Ask(cluster, null, known => known.Traits(cancellation));

    public Task<Outcome<IReadOnlyList<ReplicaEvent>>> Events(ClusterName cluster, string replica, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckObject(replica), known => known.Events(replica, cancellation));

    public Task<Outcome<ReplicaLog>> Logs(ClusterName cluster, string replica, int tail, bool follow, CancellationToken cancellation) =>
        Ask(cluster, WorkloadRules.CheckLog(replica, tail), known => known.Logs(replica, tail, follow, cancellation));

    public async IAsyncEnumerable<ClusterNews> Watch(ClusterName cluster, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Find(cluster) is not { } known)
        {
            yield return new ClusterNews.Interrupted(Unknown(cluster));
            yield break;
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, known.Ended);
        await using var news = known.Cluster.Watch(both.Token).GetAsyncEnumerator(both.Token);
        while (true)
        {
            try
            {
                if (!await news.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (known.Ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                yield break; // The cluster was forgotten, or its access replaced.
            }

            yield return news.Current;
        }
    }

    public void Dispose()
    {
        foreach (var cluster in Clusters)
        {
            _ = Disconnect(cluster);
        }
    }

    private async Task<Outcome> Open(ClusterName cluster, ClusterAccess access, bool isTrusted, CancellationToken cancellation)
    {
        if (AccessRules.Check(access, Orchestrators) is { } bad)
        {
            return bad;
        }

        // Read even when it is the one that is known: a file may hold something else by now, and what it holds may be wrong.
        var opened = await _drivers[access.Orchestrator].Open(cluster, access, isTrusted, cancellation);
        if (!opened.IsOk)
        {
            return opened.Fault;
        }

        Known? before;
        lock (_lock)
        {
            if (_clusters.TryGetValue(cluster, out before) && before.Access == access && before.Cluster.Fingerprint == opened.Value.Fingerprint)
            {
                opened.Value.Dispose();
                return Outcome.Ok;
            }

            _clusters[cluster] = new(access, opened.Value);
        }

        before?.Dispose();
        return Outcome.Ok;
    }

    private static Fault Unknown(ClusterName cluster) => Fault.NotFound("cluster", cluster);

    private async Task<Outcome<T>> Ask<T>(ClusterName cluster, Fault? bad, Func<IOrchestratorCluster, Task<Outcome<T>>> ask) =>
        bad ?? await Ask(cluster, ask);

    private async Task<Outcome> Ask(ClusterName cluster, Fault? bad, Func<IOrchestratorCluster, Task<Outcome>> ask)
    {
        var done = bad ?? await Ask<bool>(cluster, async known => await ask(known) is { IsOk: false } refused ? refused.Fault : true);
        return done.IsOk ? Outcome.Ok : done.Fault;
    }

    private async Task<Outcome<T>> Ask<T>(ClusterName cluster, Func<IOrchestratorCluster, Task<Outcome<T>>> ask)
    {
        if (Find(cluster) is not { } known)
        {
            return Unknown(cluster);
        }

        try
        {
            return await ask(known.Cluster);
        }
        catch (ObjectDisposedException) when (known.Ended.IsCancellationRequested)
        {
            return Unknown(cluster); // It was forgotten while it was asked.
        }
    }

    private Known? Find(ClusterName cluster)
    {
        lock (_lock)
        {
            return _clusters.GetValueOrDefault(cluster);
        }
    }

    /// <summary>A cluster with its access. Its watches end with it; requests under way end as the connection does.</summary>
    private sealed class Known : IDisposable
    {
        private readonly CancellationTokenSource _ended = new();

        public Known(ClusterAccess access, IOrchestratorCluster cluster)
        {
            Access = access;
            Cluster = cluster;
            Ended = _ended.Token;
        }

        public ClusterAccess Access { get; }

        public IOrchestratorCluster Cluster { get; }

        public CancellationToken Ended { get; }

        public void Dispose()
        {
            _ended.Cancel();
            _ended.Dispose();
            Cluster.Dispose();
        }
    }
}
