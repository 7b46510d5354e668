using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fury.Processes;
using Fury.Providers.Local;

namespace Fury.LocalCluster;

/// <summary>The kubelets of all nodes of a cluster, with real processes of this machine as containers.</summary>
internal sealed class ProcessKubelet : IController, IPodLogs, IAsyncDisposable
{
    private static readonly TimeSpan StopGraceAtEnd = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LostPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastLines = TimeSpan.FromMilliseconds(300);

    private readonly Registry _registry;
    private readonly ClusterOptions _options;
    private readonly Func<string, bool> _isLost;
    private readonly ConcurrentDictionary<Guid, PodLife> _pods = new();
    private readonly ConcurrentDictionary<Guid, Task> _ending = new();
    private readonly Queue<Entry> _new = new();
    private readonly Queue<Entry> _leaving = new();
    private readonly HashSet<string> _wasLost = [];
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly string _prefix;
    private readonly ProcessUsage _usage = new();

    public ProcessKubelet(Registry registry, ClusterOptions options, Func<string, bool> isLost)
    {
        (_registry, _options, _isLost) = (registry, options, isLost);
        _ownsFolder = options.DataFolder is null;
        _folder = options.DataFolder is { } given ? Path.GetFullPath(given) : Leftovers.NewFolder();
        _prefix = InstanceRecord.PrefixOf(_folder);
        if (!_ownsFolder)
        {
            // What an earlier cluster of this folder has left; a folder is used by one cluster at a time.
            Leftovers.End(_folder);
        }
    }

    public void Note(Change change)
    {
        if (change.Entry.Pod is not { Node: not null } pod)
        {
            return;
        }

        if (change.Type == ChangeType.Deleted || change.Entry.Deleting)
        {
            _leaving.Enqueue(change.Entry);
        }
        else if (pod.Phase == "Pending" && change.Before?.Pod?.Node is null)
        {
            _new.Enqueue(change.Entry);
        }
    }

    public DateTimeOffset? Pass()
    {
        while (_new.TryDequeue(out var entry))
        {
            Begin(entry);
        }

        while (_leaving.TryDequeue(out var entry))
        {
            _ending.TryAdd(entry.Uid, Task.Run(() => End(entry)));
        }

        Return();
        return null;
    }

    public async IAsyncEnumerable<string> Read(Entry pod, LogQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_pods.TryGetValue(pod.Uid, out var life) || life.Find(query.Container) is not { } container)
        {
            yield break;
        }

        var run = container.State.Restarts - (query.Previous ? 1 : 0);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var follow = query.Follow && !query.Previous && container.Pid is not null;
        var watching = follow ? EndWith(container, run, ending) : Task.CompletedTask;
        var tail = (int)Math.Min(query.Tail ?? OutputLog.TailMax, OutputLog.TailMax);
        await using var lines = OutputLog.Read(container.FolderOf(Math.Max(0, run)).Logs, tail, follow, TimeProvider.System, ending.Token)
            .GetAsyncEnumerator(CancellationToken.None);
        while (await More(lines, cancellation))
        {
            // The capture holds no times; what is followed is read within a moment of its being written.
            yield return query.Timestamps ? $"{_registry.Clock.GetUtcNow().MicroStamp()} {lines.Current}" : lines.Current;
        }

        await ending.CancelAsync();
        await watching;
    }

    /// <summary>Ends all processes.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_pods.Values.Select(pod => pod.Stop(StopGraceAtEnd)));
        await Task.WhenAll(_ending.Values);
        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>What a pod uses; null when none of its processes run.</summary>
    public (int CpuMillis, long MemoryBytes)? Usage(string ns, string name) =>
        _registry.Store.Find(AllKinds.Pods, ns, name) is { } entry && _pods.TryGetValue(entry.Uid, out var life) ? _usage.Of(life.Pids) : null;

    /// <summary>Ends the pod's first container for want of memory. False when it does not run.</summary>
    public bool RunOutOfMemory(Entry pod) => _pods.TryGetValue(pod.Uid, out var life) && life.RunOutOfMemory();

    private void Begin(Entry entry)
    {
        if (_registry.Store.Find(entry.Uid) is not { Deleting: false } present || _pods.ContainsKey(entry.Uid))
        {
            return;
        }

        var pod = present.Read();
        var port = ContainerRun.PortOf(pod.Array("spec", "containers")![0]);
        var address = Addresses.Allocate(_prefix, port, _pods.Values.Select(life => life.Address).ToHashSet());
        if (!address.IsOk)
        {
            Recorder.Warn(_registry, present, "FailedCreatePodSandBox", address.Fault.Message, "kubelet");
            return;
        }

        var folder = Path.Combine(_folder, "pods", present.Uid.ToString());
        var life = new PodLife(
            _registry, present, pod, address.Value, folder, $"{_prefix}{present.Uid:N}-", _options, () => _isLost(present.Pod!.Node!));
        _pods[entry.Uid] = life;
        life.Start();
    }

    /// <summary>Stops what runs of a pod that is deleted, and lets it go when nothing of it runs any more.</summary>
    private async Task End(Entry entry)
    {
        while (_isLost(entry.Pod!.Node!))
        {
            await Task.Delay(LostPoll, _registry.Clock);
        }

        if (_pods.TryGetValue(entry.Uid, out var life))
        {
            var present = _registry.Store.Find(entry.Uid);
            await life.Stop(TimeSpan.FromSeconds(present?.Read().Number("metadata", "deletionGracePeriodSeconds") ?? 0));
            _pods.TryRemove(entry.Uid, out _);
        }

        try
        {
            _registry.Delete(entry.Kind, entry.Namespace, entry.Name, DeleteOptions.Now with { Uid = entry.Uid.ToString() });
        }
        catch (Refusal)
        {
            // Deleted by force meanwhile.
        }

        _ending.TryRemove(entry.Uid, out _);
    }

    /// <summary>A node that was lost and is back tells what has become of its pods.</summary>
    private void Return()
    {
        foreach (var life in _pods.Values)
        {
            var node = life.Entry.Pod!.Node!;
            if (_isLost(node))
            {
                _wasLost.Add(node);
            }
            else if (_wasLost.Contains(node))
            {
                life.Publish();
            }
        }

        _wasLost.RemoveWhere(node => !_isLost(node));
    }

    private static async Task EndWith(ContainerLife container, int run, CancellationTokenSource ending)
    {
        while (!ending.IsCancellationRequested && container.Pid is not null && container.State.Restarts == run)
        {
            await Task.Delay(LostPoll, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!ending.IsCancellationRequested)
        {
            ending.CancelAfter(LastLines);
        }
    }

    private static async Task<bool> More(IAsyncEnumerator<string> lines, CancellationToken cancellation)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
