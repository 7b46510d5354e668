using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Mesh.Proxies;

/// <summary>What of a host's proxies is to be put on record.</summary>
internal sealed record RosterNews(IReadOnlyList<ProxyState> Heard, IReadOnlyList<(string Proxy, PoolTraffic Traffic)> Traffic);

/// <summary>The proxies that are connected to this host, as of this moment.</summary>
internal sealed partial class ProxyRoster(TimeProvider clock, ILogger<ProxyRoster> log)
{
    /// <summary>How often <see cref="Beat"/> is called.</summary>
    public static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// 3 s. Silence is counted in this host's own beats: when the whole host stood still (a suspended machine, a long pause), no beat
    /// passed either, and none of its proxies is taken for dead.
    /// </summary>
    public const int SilentBeatsMax = 12;

    /// <summary>1 minute: how long a reading that is on record and does not change is held in memory.</summary>
    public const int IdleBeatsMax = 240;

    /// <summary>10 minutes: a proxy that is silent for longer is forgotten here; its record stays.</summary>
    public const int ForgottenBeats = 2400;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LocalProxy> _proxies = [];
    private readonly HashSet<string> _heard = [];
    private TaskCompletionSource _moved = NewSignal();

    /// <summary>Ends when a proxy next applies a version or falls silent. Take it before looking, so that nothing is missed.</summary>
    public Task Moved
    {
        get
        {
            lock (_gate)
            {
                return _moved.Task;
            }
        }
    }

    public void Join(string name)
    {
        lock (_gate)
        {
            Hear(_proxies.TryGetValue(name, out var proxy) ? proxy : _proxies[name] = new LocalProxy(name));
        }
    }

    public void Applied(string name, long version)
    {
        lock (_gate)
        {
            if (_proxies.TryGetValue(name, out var proxy))
            {
                Hear(proxy);
                proxy.Applied = Math.Max(proxy.Applied, version);
                Signal();
            }
        }
    }

    public void Report(string name, IReadOnlyList<PoolTraffic> traffic)
    {
        lock (_gate)
        {
            if (_proxies.TryGetValue(name, out var proxy))
            {
                Hear(proxy);
                foreach (var reading in traffic)
                {
                    proxy.Report(reading);
                }
            }
        }
    }

    /// <summary>Proxies that have not applied the version: those that live, and those that are silent.</summary>
    public (IReadOnlyList<ProxyState> Live, IReadOnlyList<ProxyState> Silent) Behind(long version)
    {
        lock (_gate)
        {
            var behind = _proxies.Values.Where(proxy => proxy.Applied < version).ToLookup(proxy => proxy.IsLive, proxy => proxy.State);
            return ([.. behind[true]], [.. behind[false]]);
        }
    }

    /// <summary>The readings of these pools that are at hand, with their proxies.</summary>
    public IReadOnlyList<(string Proxy, PoolTraffic Traffic)> Traffic(IReadOnlyList<PoolId> pools)
    {
        lock (_gate)
        {
            return
            [
                .. from proxy in _proxies.Values
                   from pool in pools
                   let traffic = proxy.TrafficOf(pool)
                   where traffic is not null
                   select (proxy.Name, traffic),
            ];
        }
    }

    /// <summary>One beat of the host's clock.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            foreach (var proxy in _proxies.Values)
            {
                proxy.Beat();
                if (proxy.SilentBeats == SilentBeatsMax)
                {
                    Silent(proxy.Name, proxy.Applied);
                    Signal();
                }
                else if (proxy.SilentBeats > ForgottenBeats)
                {
                    _proxies.Remove(proxy.Name);
                }
            }
        }
    }

    /// <summary>What is not on record yet.</summary>
    public RosterNews TakeNews()
    {
        lock (_gate)
        {
            var heard = _heard.Where(_proxies.ContainsKey).Select(name => _proxies[name].State).ToList();
            _heard.Clear();
            return new(heard, [.. _proxies.Values.SelectMany(proxy => proxy.TakeUnwritten().Select(traffic => (proxy.Name, traffic)))]);
        }
    }

    /// <summary>The news could not be put on record and is news again.</summary>
    public void GiveBack(RosterNews news)
    {
        lock (_gate)
        {
            _heard.UnionWith(news.Heard.Select(proxy => proxy.Proxy));
            foreach (var lost in news.Traffic.GroupBy(entry => entry.Proxy))
            {
                _proxies.GetValueOrDefault(lost.Key)?.Unwrite([.. lost.Select(entry => entry.Traffic)]);
            }
        }
    }

    private void Hear(LocalProxy proxy)
    {
        proxy.SilentBeats = 0;
        proxy.HeardAt = clock.GetUtcNow();
        _heard.Add(proxy.Name);
    }

    private void Signal()
    {
        _moved.SetResult();
        _moved = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Proxy {Proxy} is silent and not waited for any more; it has applied {Applied}")]
    private partial void Silent(string proxy, long applied);
}
