using System.Collections.Immutable;

namespace Fury.Mesh.Xds;

/// <summary>
/// Who is told of which scopes: the streams of the callers that depend on one, and those that have asked for it beyond that. What a caller depends on is
/// kept once, not once for each of its streams: a thousand replicas of one scope follow the same hundred others. The hub locks.
/// </summary>
internal sealed class Audience
{
    private readonly Dictionary<string, Caller> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Caller>> _dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<XdsStream>> _askers = new(StringComparer.Ordinal);

    public IEnumerable<XdsStream> All => _callers.Values.SelectMany(caller => caller.Streams);

    /// <summary>The streams that are told of a scope.</summary>
    public IEnumerable<XdsStream> Of(string scope) =>
        _dependents.GetValueOrDefault(scope, []).SelectMany(caller => caller.Streams).Concat(_askers.GetValueOrDefault(scope, []));

    public IReadOnlyCollection<XdsStream> StreamsOf(string caller) => _callers.GetValueOrDefault(caller)?.Streams ?? [];

    /// <summary>All that the stream is told of; nothing once it is closed.</summary>
    public ImmutableHashSet<string> FollowedBy(XdsStream stream) => CallerOf(stream) is { } caller ? caller.DependsOn.Union(stream.Asks) : [];

    /// <param name="dependsOn">The scopes that its caller depends on now.</param>
    public void Add(XdsStream stream, ImmutableHashSet<string> dependsOn)
    {
        var name = stream.Proxy.Caller;
        if (!_callers.TryGetValue(name, out var caller))
        {
            _callers[name] = caller = new();
            Depend(caller, dependsOn);
        }

        caller.Streams.Add(stream);
        stream.FollowsMore = true;
    }

    public void Remove(XdsStream stream)
    {
        foreach (var scope in stream.Asks)
        {
            Remove(_askers, scope, stream);
        }

        if (CallerOf(stream) is { } caller && caller.Streams.Remove(stream) && caller.Streams.Count == 0)
        {
            Depend(caller, []);
            _callers.Remove(stream.Proxy.Caller);
        }
    }

    /// <summary>The stream wants to be told of the scope, whatever its caller depends on.</summary>
    public void Ask(XdsStream stream, string scope)
    {
        if (CallerOf(stream) is { } caller && !caller.DependsOn.Contains(scope) && stream.Asks.Add(scope))
        {
            Of(_askers, scope).Add(stream);
            stream.FollowsMore = true;
        }
    }

    public void LetGo(XdsStream stream, string scope)
    {
        if (stream.Asks.Remove(scope))
        {
            Remove(_askers, scope, stream);
        }
    }

    /// <summary>What a caller depends on has changed. What it does not any more its streams may still use, until they let go of it.</summary>
    public void Depend(string name, ImmutableHashSet<string> now)
    {
        if (!_callers.TryGetValue(name, out var caller))
        {
            return;
        }

        var before = caller.DependsOn;
        Depend(caller, now);
        foreach (var stream in caller.Streams)
        {
            foreach (var scope in before.Except(now))
            {
                Ask(stream, scope);
            }

            foreach (var scope in stream.Asks.Where(now.Contains).ToList())
            {
                LetGo(stream, scope);
            }

            stream.FollowsMore = true;
        }
    }

    private Caller? CallerOf(XdsStream stream) =>
        _callers.TryGetValue(stream.Proxy.Caller, out var caller) && caller.Streams.Contains(stream) ? caller : null;

    private void Depend(Caller caller, ImmutableHashSet<string> now)
    {
        foreach (var scope in caller.DependsOn.Except(now))
        {
            Remove(_dependents, scope, caller);
        }

        foreach (var scope in now.Except(caller.DependsOn))
        {
            Of(_dependents, scope).Add(caller);
        }

        caller.DependsOn = now;
    }

    private static HashSet<T> Of<T>(Dictionary<string, HashSet<T>> index, string key) => index.TryGetValue(key, out var found) ? found : index[key] = [];

    private static void Remove<T>(Dictionary<string, HashSet<T>> index, string key, T one)
    {
        if (index.TryGetValue(key, out var all) && all.Remove(one) && all.Count == 0)
        {
            index.Remove(key);
        }
    }

    /// <summary>A scope that has streams here.</summary>
    private sealed class Caller
    {
        public HashSet<XdsStream> Streams { get; } = [];

        public ImmutableHashSet<string> DependsOn { get; set; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    }
}
