using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>The proxies that are connected to this host, by their names; one that comes back goes on where it was.</summary>
internal sealed class ProxyBook(XdsHub hub)
{
    /// <summary>How many of those that have gone are remembered, for what they have refused.</summary>
    private const int GoneMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Proxy> _proxies = new(StringComparer.Ordinal);
    private readonly Queue<string> _gone = new();

    public async ValueTask<ProxyEntry> Join(ProxyIdentity identity, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await Task.CompletedTask;
        lock (_gate)
        {
            if (!_proxies.TryGetValue(identity.Name, out var proxy))
            {
                _proxies[identity.Name] = proxy = new(identity);
            }

            proxy.Identity = identity;
            proxy.Entries++;
            return new(this, proxy);
        }
    }

    public Proxy? Find(string name)
    {
        lock (_gate)
        {
            return _proxies.GetValueOrDefault(name);
        }
    }

    private void Moved() => hub.Moved();

    private void Leave(Proxy proxy)
    {
        lock (_gate)
        {
            if (--proxy.Entries > 0)
            {
                return;
            }

            _gone.Enqueue(proxy.Identity.Name);
            while (_gone.Count > GoneMax && _gone.TryDequeue(out var old))
            {
                if (_proxies.TryGetValue(old, out var kept) && kept.Entries == 0)
                {
                    _proxies.Remove(old);
                }
            }
        }
    }

    /// <summary>What one proxy has refused, and what it last reported.</summary>
    internal sealed class Proxy(ProxyIdentity identity)
    {
        public ProxyIdentity Identity { get; set; } = identity;

        public Rejections Rejections { get; } = new();

        public int Entries { get; set; }

        public LoadReport? LastReport { get; set; }
    }

    /// <summary>A stream's hold on its proxy.</summary>
    internal sealed class ProxyEntry(ProxyBook book, Proxy proxy) : IAsyncDisposable
    {
        public Rejections Rejections => proxy.Rejections;

        public void Reported(LoadReport report)
        {
            proxy.LastReport = report;
            book.Moved();
        }

        public ValueTask DisposeAsync()
        {
            book.Leave(proxy);
            return ValueTask.CompletedTask;
        }
    }
}
