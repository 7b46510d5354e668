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

    /// <summary>Of the words in which a trouble is told.</summary>
    private const int TroubleLengthMax = 500;

    private readonly Dictionary<string, Watching> _watching = [];

    /// <summary>Why the access of a cluster is of no use.</summary>
    private readonly Dictionary<string, Fault> _refused = [];
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

        _refused.Clear();
        foreach (var one in registered)
        {
            var connected = await clusters.Connect(ClusterName.Parse(one.Cluster.Name), one.Access, cancellation);
            if (connected.IsOk)
            {
                await Watch(one, cancellation);
            }
            else
            {
                _refused[one.Cluster.Name] = connected.Fault;
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
            var watch = new ClusterWatch(one.Cluster, lease, clusters, pools, runs, watches, wake, clock, log);
            _watching[name] = new(one.Revision, watch, Run(watch, name, lease, stop.Token), stop);
        }
    }

    private async Task Run(ClusterWatch watch, string name, ILease lease, CancellationToken cancellation)
    {
        await using (lease)
        {
            try
            {
                await watch.Run(cancellation);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(failure, "The watch of cluster {Cluster} has ended and begins again", name);
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
        Fault? silence;
        try
        {
            silence = (await clusters.Version(ClusterName.Parse(name), deadline.Token)).Fault;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            silence = Fault.Unavailable($"It does not answer within {ProbeTimeout.TotalSeconds} s.");
        }

        var trouble = _refused.GetValueOrDefault(name) ?? silence ?? _watching.GetValueOrDefault(name)?.Watch.Trouble;
        await watches.Probed(name, silence is null, trouble is null ? null : Words(trouble), cancellation);
    }

    private static string Words(Fault trouble)
    {
        var words = trouble.Message.ReplaceLineEndings(" ");
        return words.Length > TroubleLengthMax ? $"{words[..TroubleLengthMax]}…" : words;
    }

    private sealed record Watching(long Revision, ClusterWatch Watch, Task Running, CancellationTokenSource Stop);
}
