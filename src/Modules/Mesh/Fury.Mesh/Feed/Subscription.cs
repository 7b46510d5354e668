using System.Threading.Channels;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Snapshots;

namespace Fury.Mesh.Feed;

/// <summary>
/// What one proxy has yet to be told. Changes of the same scope become one, so it never holds more than there are scopes, however slow the
/// proxy is. Its owner locks.
/// </summary>
internal sealed class Subscription
{
    private readonly HashSet<ScopeRef> _scopes = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(1);
    private long _told = -1;

    public ChannelReader<bool> Signal => _signal.Reader;

    public void Note(IReadOnlyCollection<ScopeRef> scopes)
    {
        _scopes.UnionWith(scopes);
        _signal.Writer.TryWrite(true);
    }

    /// <summary>The whole state the first time, then what was noted since; null when the proxy knows it all.</summary>
    public RoutingUpdate? Take(RoutingState state)
    {
        if (_told == state.Revision)
        {
            return null;
        }

        var whole = _told < 0;
        IReadOnlyList<ScopeRoutes> scopes = whole ? [.. state.All] : [.. _scopes.Select(state.Routes)];
        _scopes.Clear();
        _told = state.Revision;
        return new(state.Revision, whole, scopes);
    }
}
