using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>
/// What the pods of one cluster use, by its metrics API, which is an add-on that a cluster may not have. One list for all who ask, and the next one
/// only after a while: a metrics server has nothing newer every second, and it is the cluster's own autoscalers that need it most.
/// </summary>
internal sealed partial class KubernetesUsage(ClusterName cluster, KubePlace place, ILogger logger)
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>>? _asking;
    private long _askedAt;
    private UsageSum _sum = UsageSum.None;
    private bool _told;

    /// <summary>As it was asked last, within <see cref="Age"/>. Whoever waits may leave; the question goes on for the others.</summary>
    public Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Now(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_asking is null || (_asking.IsCompleted && place.Client.Clock.GetElapsedTime(_askedAt) >= Age))
            {
                (_asking, _askedAt) = (Ask(), place.Client.Clock.GetTimestamp());
            }

            return _asking.WaitAsync(cancellation);
        }
    }

    private async Task<Outcome<IReadOnlyList<ClusterReplicaUsage>>> Ask()
    {
        var listed = await place.Client.All(place.Owned(KubeResource.PodMetrics), UsageReading.Read, CancellationToken.None);
        if (listed.IsOk)
        {
            _told = false;
            _sum = _sum.With(listed.Value.OfType<UsageSample>());
            return _sum.ToUsage();
        }

        if (!_told)
        {
            _told = true;
            LogUnknown(logger, cluster, listed.Fault.Message);
        }

        return listed.Fault.IsNotServed() ? new List<ClusterReplicaUsage>() : listed.Fault;
    }

    [LoggerMessage(LogLevel.Information, "What replicas in cluster {Cluster} use is not known: {Why}")]
    private static partial void LogUnknown(ILogger logger, ClusterName cluster, string why);
}
