using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.LocalCluster;

/// <summary>
/// A Kubernetes API on this machine, for development and tests. Objects are in memory and end with it. Any number of clusters may run in one process.
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    private readonly ClusterOptions _options;
    private ClusterVersion _version;
    private readonly ClusterClock _clock;
    private readonly Registry _registry;
    private readonly Certificates? _certificates;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, bool> _lost = new();
    private readonly ControlLoop _loop;
    private readonly ProcessKubelet? _processes;
    private CancellationTokenSource _serving = new();
    private Listener? _listener;
    private int _port;

    private Cluster(ClusterOptions options, ClusterVersion version, ILogger log)
    {
        (_options, _version, _log) = (options, version, log);
        _clock = new(options.Clock);
        _registry = new(new(options.HistoryMax), version, _clock);
        _certificates = options.Tls ? new(options.Name, options.Address, options.Clock) : null;
        _port = options.Port;
        Faults = new(options.Seed);
        Access = new(options.Token);
        if (options.Kubelet == KubeletMode.Process)
        {
            _processes = new(_registry, options, _lost.ContainsKey);
            Metrics.Source = _processes.Usage;
        }

        _loop = new(_registry.Store, Controllers(), _clock, log);
    }

    public Uri Address => new($"{(_certificates is null ? "http" : "https")}://{new IPEndPoint(_options.Address, _port)}/");

    /// <summary>The text of a kubeconfig file with one context, for the administrator.</summary>
    public string Kubeconfig => LocalCluster.Kubeconfig.Of(_options.Name, Address, _options.Token, _certificates);

    public Faults Faults { get; }

    public Access Access { get; }

    public Metrics Metrics { get; } = new();

    /// <summary>Names of the nodes that the cluster began with.</summary>
    public IReadOnlyList<string> Nodes => [.. Enumerable.Range(0, _options.Nodes).Select(index => NodeObjects.NameOf(_options, index))];

    internal Registry Registry => _registry;

    /// <summary>Starts a cluster; when this returns, it answers.</summary>
    /// <exception cref="ArgumentException">An option cannot be as it is; says which and what would be right.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Cluster> Start(ClusterOptions options, ILogger? log = null)
    {
        var cluster = new Cluster(options, options.Check(), log ?? NullLogger.Instance);
        try
        {
            cluster.Fill();
            cluster._loop.Start();
            await cluster.Revive();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The API server dies: connections are cut and new ones refused. What is stored stays, as in etcd, and pods run on.</summary>
    public async Task Kill()
    {
        await _turn.WaitAsync();
        try
        {
            if (_listener is { } listener)
            {
                _listener = null;
                await _serving.CancelAsync();
                await listener.DisposeAsync();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>It is back, on the same port, with what is stored.</summary>
    public async Task Revive()
    {
        await _turn.WaitAsync();
        try
        {
            if (_listener is null)
            {
                _serving.Dispose();
                _serving = new();
                _listener = await Listener.Start(new(_options.Address, _port), _certificates, Server(_serving.Token));
                _port = _listener.Port;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The control plane is replaced by one of another version, on the same port and with what is stored.</summary>
    /// <param name="version"><c>1.22</c> to <c>1.35</c>.</param>
    /// <exception cref="ArgumentException">It is none of these; nothing has changed.</exception>
    public async Task Upgrade(string version)
    {
        var next = (_options with { Version = version }).Check();
        await Kill();
        _version = next;
        _registry.Version = next;
        await Revive();
    }

    /// <summary>Forgets all history, as compaction does: every watcher that is behind gets <c>410 Gone</c>.</summary>
    public void ForgetHistory() => _registry.Store.Compact();

    /// <summary>From now on the cluster's clock differs from the machine's by so much.</summary>
    public void ShiftClock(TimeSpan by) => _clock.Shift(by);

    /// <summary>The cluster's clock stands still until <see cref="ResumeClock"/> or <see cref="ShiftClock"/>.</summary>
    public void StopClock() => _clock.Stop();

    /// <summary>The clock goes on, with what it differed by before; the time for which it stood still is made up for at once.</summary>
    public void ResumeClock() => _clock.Resume();

    /// <summary>The node says nothing any more, and nothing happens on it, until <see cref="ReturnNode"/>.</summary>
    /// <exception cref="ArgumentException">The cluster did not begin with such a node.</exception>
    public void LoseNode(string name)
    {
        if (!Nodes.Contains(name))
        {
            throw new ArgumentException($"There is no node '{name}'; there are {string.Join(", ", Nodes)}.", nameof(name));
        }

        _lost[name] = true;
    }

    /// <summary>The node is back, and goes on with what it had. Nothing happens when it was not lost.</summary>
    public void ReturnNode(string name)
    {
        _lost.TryRemove(name, out _);
        _loop.Wake();
    }

    /// <summary>All pods that there are now, by namespace and name.</summary>
    public IReadOnlyList<(string Namespace, string Name)> Pods =>
        [.. _registry.Store.All(AllKinds.Pods).Select(pod => (pod.Namespace!, pod.Name))];

    /// <summary>Says in the place of a kubelet whether a pod is ready: cheaper than a request, for tests of very many changes. False: no such pod.</summary>
    public bool SetReady(string ns, string pod, bool ready)
    {
        if (_registry.Store.Find(AllKinds.Pods, ns, pod) is not { } entry)
        {
            return false;
        }

        _registry.Edit(entry, Writer.ClusterStatus, value =>
        {
            foreach (var condition in (string[])["ContainersReady", "Ready"])
            {
                Conditions.Set(value, condition, ready ? "True" : "False", ready ? null : "ContainersNotReady", null, _clock.GetUtcNow());
            }
        });
        return true;
    }

    /// <summary>
    /// The first container of a pod is ended for want of memory, and started again. No limit of memory is ever enforced, so this is how it comes about.
    /// False: no such pod, or nothing of it runs.
    /// </summary>
    public bool RunOutOfMemory(string ns, string pod)
    {
        if (_registry.Store.Find(AllKinds.Pods, ns, pod) is not { } entry)
        {
            return false;
        }

        if (_processes is not null)
        {
            return _processes.RunOutOfMemory(entry);
        }

        var runs = false;
        _registry.Edit(entry, Writer.ClusterStatus, value => runs = SimulatedStatus.RunOutOfMemory(value, _clock.GetUtcNow()));
        return runs;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        await _loop.DisposeAsync();
        if (_processes is not null)
        {
            await _processes.DisposeAsync();
        }

        _serving.Dispose();
        _turn.Dispose();
        _certificates?.Dispose();
        Faults.Dispose();
    }

    private ApiServer Server(CancellationToken stopping) => new(
        _version,
        new(
            new(_registry.Store),
            new(_registry),
            new(_registry, Faults, _options.BookmarkInterval, stopping),
            new(_registry, (IPodLogs?)_processes ?? new NoLogs()),
            new(_registry),
            new(_registry.Store, Metrics),
            new(_version, _options.Groups, () => Address.Authority)),
        Faults,
        Access,
        _clock,
        _log);

    private List<IController> Controllers()
    {
        List<IController> controllers =
        [
            new Namespaces(_registry), new GarbageCollector(_registry), new CronJobs(_registry), new Jobs(_registry), new ReplicaSets(_registry),
            new Scheduler(_registry), new DisruptionBudgets(_registry), new Slices(_registry), new NodeLifecycle(_registry, _options.NodeLostAfter),
            new Autoscalers(_registry, Metrics, _options.AutoscalerInterval), new EventExpiry(_registry),
        ];
        if (_options.Kubelet != KubeletMode.None)
        {
            controllers.Add(new Heartbeats(_registry, Nodes, _options.HeartbeatInterval, _lost.ContainsKey));
        }

        if (_processes is not null)
        {
            controllers.Add(_processes);
        }

        if (_options.Kubelet == KubeletMode.Simulated)
        {
            controllers.Add(new SimulatedKubelet(_registry, _options.ReadyAfter, _lost.ContainsKey));
        }

        return controllers;
    }

    private void Fill()
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            _registry.Create(AllKinds.Namespaces, null, new() { ["metadata"] = new JsonObject { ["name"] = name } }, Writer.Cluster);
        }

        for (var index = 0; index < _options.Nodes; index++)
        {
            var address = _options.Kubelet == KubeletMode.Process ? "127.0.0.1" : SimulatedKubelet.NewAddress();
            _registry.Create(AllKinds.Nodes, null, NodeObjects.Node(_options, _version, index, address, _clock.GetUtcNow()), Writer.Cluster);
        }
    }
}
