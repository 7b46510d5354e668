using System.Collections.Immutable;
using Fury.Mesh.Snapshots;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>
/// The state of this host and the streams that are open on it, found by the scopes they follow: a change costs its own size, times those who
/// follow what has changed.
/// </summary>
internal sealed class XdsHub : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ReaderWriterLockSlim _telling = new();
    private readonly Audience _audience = new();
    private readonly Dictionary<(string Caller, Dialect Dialect, EnvoyListener Listener), WeakReference<CallerView>> _views = [];
    private MeshSnapshot _current = MeshSnapshot.None;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _watchers;

    public MeshSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Puts the next state in force and tells those whom it concerns.</summary>
    public void Apply(MeshStep step)
    {
        var (next, touched, callers) = step;
        lock (_gate)
        {
            _telling.EnterWriteLock();
            try
            {
                Tell(Current, next, touched, callers);
            }
            finally
            {
                _telling.ExitWriteLock();
            }
        }

        Moved();
    }

    /// <summary>
    /// The next response of a stream, or null. Not while a change is being told: a stream that had heard of part of it would be sent routes before the
    /// clusters that they name.
    /// </summary>
    public Outgoing? Next(XdsStream stream)
    {
        _telling.EnterReadLock();
        try
        {
            lock (stream.Session.Gate)
            {
                return stream.Session.Next();
            }
        }
        finally
        {
            _telling.ExitReadLock();
        }
    }

    public CallerView View(string caller, Dialect dialect, EnvoyListener listener)
    {
        lock (_gate)
        {
            if (_views.TryGetValue((caller, dialect, listener), out var kept) && kept.TryGetTarget(out var view))
            {
                return view;
            }

            foreach (var dead in _views.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToList())
            {
                _views.Remove(dead);
            }

            view = new(() => Current, caller, dialect, listener);
            _views[(caller, dialect, listener)] = new(view);
            return view;
        }
    }

    public void Open(XdsStream stream)
    {
        lock (_gate)
        {
            _audience.Add(stream, Current.DependenciesOf(stream.Proxy.Caller));
        }

        Moved();
    }

    public void Close(XdsStream stream)
    {
        lock (_gate)
        {
            _audience.Remove(stream);
        }

        Moved();
    }

    /// <summary>
    /// The scopes that the stream follows from now on, or none when they are as they were at the last call: most requests only acknowledge. Call it
    /// before the session hears of the names, so that no change falls in between.
    /// </summary>
    public ImmutableHashSet<string> Follow(XdsStream stream, IEnumerable<string> resources)
    {
        lock (_gate)
        {
            foreach (var resource in resources)
            {
                _audience.Ask(stream, MeshNames.KeyOf(resource));
            }

            var news = stream.FollowsMore;
            stream.FollowsMore = false;
            return news ? _audience.FollowedBy(stream) : [];
        }
    }

    /// <summary>Call it after the session has heard that the names are not wanted any more.</summary>
    public void Unfollow(XdsStream stream, IEnumerable<string> resources)
    {
        lock (_gate)
        {
            var gone = resources.Select(MeshNames.KeyOf).ToHashSet(StringComparer.Ordinal);
            lock (stream.Session.Gate)
            {
                gone.ExceptWith(stream.Session.Types.SelectMany(type => type.Names).Select(MeshNames.KeyOf));
            }

            foreach (var scope in gone)
            {
                _audience.LetGo(stream, scope);
            }
        }
    }

    /// <summary>All that the stream is told of.</summary>
    public ImmutableHashSet<string> FollowedBy(XdsStream stream)
    {
        lock (_gate)
        {
            return _audience.FollowedBy(stream);
        }
    }

    /// <summary>The streams that follow a scope.</summary>
    public IReadOnlyList<XdsStream> Followers(string scope)
    {
        lock (_gate)
        {
            return [.. _audience.Of(scope)];
        }
    }

    public IReadOnlyList<XdsStream> All()
    {
        lock (_gate)
        {
            return [.. _audience.All];
        }
    }

    /// <summary>Ends when any stream next moves. Take it before looking, so that nothing is missed.</summary>
    public Task NextMove()
    {
        Interlocked.Exchange(ref _watchers, 1);
        return Volatile.Read(ref _moved).Task;
    }

    /// <summary>Somebody has acknowledged, come or gone. Costs nothing while nobody watches.</summary>
    public void Moved()
    {
        if (Interlocked.Exchange(ref _watchers, 0) != 0)
        {
            Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    public void Dispose() => _telling.Dispose();

    private void Tell(MeshSnapshot before, MeshSnapshot next, IEnumerable<string> touched, IEnumerable<string> callers)
    {
        Volatile.Write(ref _current, next);
        foreach (var scope in touched)
        {
            var (old, now) = (before.Scopes.GetValueOrDefault(scope), next.Scopes[scope]);
            foreach (var stream in _audience.Of(scope))
            {
                stream.Touch(old, now);
            }
        }

        foreach (var caller in callers)
        {
            _audience.Depend(caller, next.DependenciesOf(caller));
            foreach (var stream in _audience.StreamsOf(caller))
            {
                Retell(stream, before.DependenciesOf(caller), next.DependenciesOf(caller));
            }
        }
    }

    private void Retell(XdsStream stream, ImmutableHashSet<string> before, ImmutableHashSet<string> now)
    {
        var changed = now.SymmetricExcept(before);
        lock (stream.Session.Gate)
        {
            for (var type = XdsType.Cluster; type <= XdsType.Route; type++)
            {
                stream.Session.Touch(
                    type,
                    from scope in changed
                    let entry = Current.Scopes.GetValueOrDefault(scope)
                    where entry is not null
                    from resource in entry.In(stream.Proxy.Dialect).All(type)
                    select resource.Name);
            }

            stream.Session.Touch(XdsType.Route, [MeshNames.Outbound]);
        }

        stream.Signal();
    }
}
