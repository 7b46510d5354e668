using System.Collections.Immutable;
using System.Threading.Channels;
using Fury.Mesh.Locations;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy as it is put on record.</summary>
internal sealed record ProxyNote(string Name, string Caller, string Agent, IReadOnlyCollection<string> Scopes, DateTimeOffset ConnectedAt, bool IsConnected);

/// <summary>
/// The proxies of this host, by their names. Whoever comes, or follows more, is on record before it is told anything, so that a publisher on any
/// host finds it even when this host dies the moment after.
/// </summary>
internal sealed class ProxyBook(XdsHub hub, TrafficBook traffic, LocationBook locations, TimeProvider clock)
{
    /// <summary>How long a proxy waits to be on record. A database that is away must not keep proxies from their routes: nobody can publish then.</summary>
    private static readonly TimeSpan RecordedWithin = TimeSpan.FromSeconds(2);

    /// <summary>How many of those that have gone are remembered, for what they have refused.</summary>
    private const int GoneMax = 10_000;

    /// <summary>Of one proxy, with those that it has followed and let go of.</summary>
    private const int ScopesMax = 40_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Proxy> _proxies = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unrecorded = new(StringComparer.Ordinal);
    private readonly Queue<string> _gone = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(1);
    private TaskCompletionSource _recorded = NewSignal();

    /// <summary>A stream of a proxy begins.</summary>
    public async Task<ProxyEntry> Join(ProxyIdentity identity, CancellationToken cancellation)
    {
        Proxy? proxy;
        lock (_gate)
        {
            if (!_proxies.TryGetValue(identity.Name, out proxy))
            {
                _proxies[identity.Name] = proxy = new(identity);
            }

            proxy.Identity = identity;
            proxy.ConnectedAt = proxy.Entries++ == 0 ? clock.GetUtcNow() : proxy.ConnectedAt;
        }

        await Recorded(identity.Name, cancellation);
        return new(this, proxy);
    }

    public LoadReport? LastReport(string name)
    {
        lock (_gate)
        {
            return _proxies.GetValueOrDefault(name)?.LastReport;
        }
    }

    /// <summary>Scopes that these proxies follow are split, or are so no more.</summary>
    public void LookAgain(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                _proxies.GetValueOrDefault(name)?.Moved();
            }
        }
    }

    /// <summary>What is to be put on record, and what to do when it is.</summary>
    public (IReadOnlyList<ProxyNote> Notes, TaskCompletionSource Recorded) TakeNotes()
    {
        lock (_gate)
        {
            var notes = _unrecorded.Where(_proxies.ContainsKey).Select(name => _proxies[name].Note()).ToList();
            _unrecorded.Clear();
            var recorded = _recorded;
            _recorded = NewSignal();
            return (notes, recorded);
        }
    }

    /// <summary>They could not be put on record, and are news again.</summary>
    public void GiveBack(IReadOnlyList<ProxyNote> notes)
    {
        lock (_gate)
        {
            _unrecorded.UnionWith(notes.Select(note => note.Name));
        }
    }

    /// <summary>Ends when there is something to put on record.</summary>
    public ValueTask<bool> News(CancellationToken cancellation) => _news.Reader.ReadAsync(cancellation);

    private async Task Recorded(string name, CancellationToken cancellation)
    {
        Task recorded;
        lock (_gate)
        {
            _unrecorded.Add(name);
            recorded = _recorded.Task;
        }

        _news.Writer.TryWrite(true);
        await recorded.WaitAsync(RecordedWithin, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task Follow(Proxy proxy, ImmutableHashSet<string> scopes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var count = proxy.Scopes.Count;
            var all = proxy.Scopes.Union(scopes);

            // It comes and goes; what it follows now is what it uses.
            proxy.Scopes = all.Count > ScopesMax ? scopes : all;
            if (count == proxy.Scopes.Count)
            {
                return;
            }

            proxy.Moved();
        }

        await Recorded(proxy.Identity.Name, cancellation);
    }

    private (bool IsSplit, Task Next) Look(Proxy proxy)
    {
        lock (_gate)
        {
            return (hub.Current.Splits.AnyOf(proxy.Scopes), proxy.NextMove());
        }
    }

    private void Reported(Proxy proxy, LoadReport report)
    {
        lock (_gate)
        {
            proxy.LastReport = report;
        }

        traffic.Add(proxy.Identity.Name, report);
        locations.Add(report.Locations);
        hub.Moved();
    }

    private void Leave(Proxy proxy)
    {
        lock (_gate)
        {
            if (--proxy.Entries > 0)
            {
                return;
            }

            var name = proxy.Identity.Name;
            proxy.LastReport = null;
            traffic.Leave(name);
            _unrecorded.Add(name);
            _gone.Enqueue(name);
            while (_gone.Count > GoneMax && _gone.TryDequeue(out var old))
            {
                if (_proxies.TryGetValue(old, out var kept) && kept.Entries == 0 && !_unrecorded.Contains(old))
                {
                    _proxies.Remove(old);
                }
            }
        }

        _news.Writer.TryWrite(true);
        hub.Moved();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A stream's hold on its proxy; disposing it says that the stream has ended.</summary>
    internal sealed class ProxyEntry(ProxyBook book, Proxy proxy) : IDisposable
    {
        public Rejections Rejections => proxy.Rejections;

        /// <summary>Returns once it is on record that the proxy uses these scopes.</summary>
        public Task Follow(ImmutableHashSet<string> scopes, CancellationToken cancellation) => book.Follow(proxy, scopes, cancellation);

        /// <summary>Whether a scope that the proxy follows is split, and what ends when that may be otherwise.</summary>
        public (bool IsSplit, Task Next) Look() => book.Look(proxy);

        public void Reported(LoadReport report) => book.Reported(proxy, report);

        public void Dispose() => book.Leave(proxy);
    }

    /// <summary>The book locks.</summary>
    internal sealed class Proxy(ProxyIdentity identity)
    {
        private TaskCompletionSource? _moved;

        public ProxyIdentity Identity { get; set; } = identity;

        public Rejections Rejections { get; } = new();

        /// <summary>Shared with the other proxies of its caller where they are the same.</summary>
        public ImmutableHashSet<string> Scopes { get; set; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

        public int Entries { get; set; }

        public DateTimeOffset ConnectedAt { get; set; }

        public LoadReport? LastReport { get; set; }

        /// <summary>Ends when it follows more, or what it follows has come to be split or not. Costs nothing while nobody waits.</summary>
        public Task NextMove() => (_moved ??= NewSignal()).Task;

        public void Moved()
        {
            _moved?.SetResult();
            _moved = null;
        }

        public ProxyNote Note() => new(Identity.Name, Identity.Caller, Identity.Agent, Scopes, ConnectedAt, Entries > 0);
    }
}
