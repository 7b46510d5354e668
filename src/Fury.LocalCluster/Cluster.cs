using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.LocalCluster;

/// <summary>
/// A Kubernetes API on this machine, for development and tests. Objects are in memory and end with it. Any number of clusters may run in one process.
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    private readonly ClusterOptions _options;
    private readonly ClusterVersion _version;
    private readonly ClusterClock _clock;
    private readonly Registry _registry;
    private readonly Certificates? _certificates;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1);
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
    }

    public Uri Address => new($"{(_certificates is null ? "http" : "https")}://{new IPEndPoint(_options.Address, _port)}/");

    /// <summary>The text of a kubeconfig file with one context, for the administrator.</summary>
    public string Kubeconfig => LocalCluster.Kubeconfig.Of(_options.Name, Address, _options.Token, _certificates);

    public Faults Faults { get; }

    public Access Access { get; }

    internal Registry Registry => _registry;

    /// <summary>Starts a cluster; when this returns, it answers.</summary>
    /// <exception cref="ArgumentException">An option cannot be as it is; says which and what would be right.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Cluster> Start(ClusterOptions options, ILogger? log = null)
    {
        var cluster = new Cluster(options, options.Check(), log ?? NullLogger.Instance);
        cluster.Fill();
        await cluster.Revive();
        return cluster;
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

    /// <summary>Forgets all history, as compaction does: every watcher that is behind gets <c>410 Gone</c>.</summary>
    public void ForgetHistory() => _registry.Store.Compact();

    /// <summary>From now on the cluster's clock differs from the machine's by so much.</summary>
    public void ShiftClock(TimeSpan by) => _clock.Shift(by);

    /// <summary>The cluster's clock stands still.</summary>
    public void StopClock() => _clock.Stop();

    public void ResumeClock() => _clock.Resume();

    public async ValueTask DisposeAsync()
    {
        await Kill();
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
            new(_registry, new NoLogs()),
            new(_registry),
            new(_version, () => Address.Authority)),
        Faults,
        Access,
        _clock,
        _log);

    private void Fill()
    {
        foreach (var name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            _registry.Create(AllKinds.Namespaces, null, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = name } }, Writer.Cluster);
        }
    }
}
