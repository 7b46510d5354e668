using System.Threading.Channels;
using Fury.Kernel;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>Who is at the other end.</summary>
/// <param name="Name">The node's id: one for each proxy, the same after it reconnects.</param>
/// <param name="Scope">The scope that it belongs to; null for none.</param>
/// <param name="Agent">Name and version of its software, as it says.</param>
internal sealed record ProxyIdentity(string Name, ScopeRef? Scope, Dialect Dialect, string Agent)
{
    /// <summary>The key of its scope; empty for none.</summary>
    public string Caller { get; } = Scope is null ? "" : MeshNames.Of(Scope);
}

/// <summary>A stream that is open on this host.</summary>
internal sealed class XdsStream(ProxyIdentity proxy, CallerView view, AdsSession session, DateTimeOffset openedAt)
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(1);

    public ProxyIdentity Proxy => proxy;

    public CallerView View => view;

    public AdsSession Session => session;

    public DateTimeOffset OpenedAt => openedAt;

    /// <summary>The scopes that it is told about beyond those that its caller depends on. The hub locks.</summary>
    public HashSet<string> Asks { get; } = new(StringComparer.Ordinal);

    /// <summary>It follows some that its proxy's record does not tell of yet. The hub locks.</summary>
    public bool FollowsMore { get; set; }

    /// <summary>There may be something to send.</summary>
    public void Signal() => _news.Writer.TryWrite(true);

    public ValueTask<bool> News(CancellationToken cancellation) => _news.Reader.ReadAsync(cancellation);

    /// <summary>Notes what a change of a scope means for this client.</summary>
    public void Touch(ScopeEntry? before, ScopeEntry after)
    {
        lock (session.Gate)
        {
            for (var type = XdsType.Cluster; type <= XdsType.Route; type++)
            {
                session.Touch(type, ScopeEntry.Changed(before, after, type, proxy.Dialect));
            }

            if (proxy.Dialect == Dialect.Envoy)
            {
                session.Touch(XdsType.Route, [MeshNames.Outbound]);
            }
        }

        Signal();
    }

    /// <summary>Where it stands with a scope; null when it does not use it.</summary>
    public Standing? StandingOf(string scope, ScopeEntry entry)
    {
        lock (session.Gate)
        {
            return Standing.Of(session, view, scope, entry.In(proxy.Dialect), proxy.Dialect == Dialect.Envoy);
        }
    }
}
