using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Watching;

/// <summary>
/// On every host: makes the registered clusters known to the cluster API, looks at each one's door, and watches those whose lease it gets.
/// </summary>
internal sealed class ClusterWatchers(
    ClusterStore store,
    IClusterApi clusters,
    IPoolStore pools,
    RunStore runs,
    WatchStore watches,
    ILeases leases,
    IWake wake,
    TimeProvider clock,
    ILogger<ClusterWatchers> log) : IReconciler, IAsyncDisposable
{
    public const string ReconcilerName = "serverless.watchers";

    /// <summary>Three looks fit into what a probe counts for.</summary>
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private const int ProbesAtOnceMax = 16;

    private readonly Dictionary<string, (long Revision, Task Running, CancellationTokenSource Stop)> _watching = [];
    private readonly CancellationTokenSource _stopping = new();
    private long _probedAt = long.MinValue;

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(2);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var registered = await store.List(cancellation);
        foreach (var gone in clusters.Clusters.Where(known => !registered.Any(one => one.Cluster.Name == known.Value)).ToList())
        {
            await End(gone.Value);
            await clusters.Disconnect(gone);
        }

        foreach (var one in registered)
        {
            var connected = await clusters.Connect(ClusterName.Parse(one.Cluster.Name), one.Access, cancellation);
            if (connected.IsOk)
            {
                await Watch(one, cancellation);
            }
            else
            {
                log.LogWarning("Cluster {Cluster} cannot be reached with its access: {Fault}", one.Cluster.Name, connected.Fault);
            }
        }

        if (_probedAt == long.MinValue || clock.GetElapsedTime(_probedAt) >= ProbePeriod)
        {
            _probedAt = clock.GetTimestamp();
            var options = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnceMax, CancellationToken = cancellation };
            await Parallel.ForEachAsync(registered, options, async (one, stop) => await Probe(one.Cluster.Name, stop));
        }
    }

    /// <summary>More than once: it is registered for each of its roles.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_watching.Values.Select(one => one.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task Watch(RegisteredCluster one, CancellationToken cancellation)
    {
        var name = one.Cluster.Name;
        if (_watching.TryGetValue(name, out var running))
        {
            if (!running.Running.IsCompleted && running.Revision == one.Revision)
            {
                return;
            }

            await End(name);
        }

        if (await leases.TryAcquire($"serverless.cluster/{name}", cancellation) is { } lease)
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            _watching[name] = (one.Revision, Run(one, lease, stop.Token), stop);
        }
    }

    private async Task Run(RegisteredCluster one, ILease lease, CancellationToken cancellation)
    {
        await using (lease)
        {
            try
            {
                await new ClusterWatch(one.Cluster, lease, clusters, pools, runs, watches, wake, clock, log).Run(cancellation);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(failure, "The watch of cluster {Cluster} has ended and begins again", one.Cluster.Name);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private async Task End(string name)
    {
        if (_watching.Remove(name, out var running))
        {
            await running.Stop.CancelAsync();
            await running.Running;
            running.Stop.Dispose();
        }
    }

    private async Task Probe(string name, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(ProbeTimeout);
        var answered = false;
        try
        {
            answered = (await clusters.Version(ClusterName.Parse(name), deadline.Token)).IsOk;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }

        await watches.Probed(name, answered, cancellation);
    }
}
