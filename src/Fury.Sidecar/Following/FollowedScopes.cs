using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Following;

/// <summary>
/// The scopes that listeners lead to, what each waits for, and what of them the data plane has been given and has applied. No I/O; its owner
/// locks.
/// </summary>
internal sealed class FollowedScopes(
    Subscription<ScopeRoute> routes, Subscription<PoolRules> clusters, Subscription<IReadOnlyList<Endpoint>> endpoints, TimeProvider clock)
{
    /// <summary>How much of what is missing a refusal names.</summary>
    private const int NamedMax = 10;

    private readonly Dictionary<string, FollowedScope> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<FollowedScope>> _users = new(StringComparer.Ordinal);
    private readonly HashSet<FollowedScope> _incomplete = [];
    private readonly HashSet<FollowedScope> _changed = [];
    private readonly HashSet<ScopeRef> _gone = [];
    private readonly Queue<(long Version, IReadOnlyList<FollowedScope> Scopes)> _given = new();
    private long _change;
    private long _version;
    private bool _whole = true;

    /// <summary>The longest of those whose routes wait for something has waited since then, by the clock's timestamp; null when none does.</summary>
    public long? WaitingSince => _incomplete.Count == 0 ? null : _incomplete.Min(scope => scope.Next!.CameAt);

    public FollowedScope? Find(string route) => _scopes.GetValueOrDefault(route);

    /// <summary>Whether nothing of what uses this cluster is still on its way into the data plane.</summary>
    public bool IsSettled(string cluster) => Users(cluster).All(scope => scope.HasApplied(scope.Change));

    public void Lead(string listener, string route)
    {
        if (!_scopes.TryGetValue(route, out var scope))
        {
            _scopes[route] = scope = new(route);
            routes.Subscribe(route);
        }

        scope.Listeners.Add(listener);
    }

    /// <summary>The listener is gone, or leads elsewhere; with its last listener the scope goes.</summary>
    public void Leave(string listener, string route)
    {
        if (_scopes.TryGetValue(route, out var scope) && scope.Listeners.Remove(listener) && scope.Listeners.Count == 0)
        {
            _scopes.Remove(route);
            routes.Unsubscribe(route);
            Empty(scope);
        }
    }

    /// <summary>Takes a route in; it comes into force when all that it needs is here.</summary>
    public void Take(FollowedScope scope, Candidate next)
    {
        var before = Clusters(scope);
        scope.Next = next;
        _incomplete.Add(scope);
        Use(scope, before);
        Promote(scope);
    }

    /// <summary>Its routes are gone, and it is not.</summary>
    public void Remove(string route)
    {
        if (_scopes.TryGetValue(route, out var scope))
        {
            Empty(scope);
        }
    }

    /// <summary>A cluster or its endpoints have come or changed.</summary>
    /// <returns>The scopes for which that makes a change of what is in force.</returns>
    public IReadOnlyList<FollowedScope> Touch(string cluster)
    {
        List<FollowedScope> touched = [];
        foreach (var scope in Users(cluster).ToList())
        {
            if (Promote(scope))
            {
                touched.Add(scope);
            }
            else if (scope.Current?.Route.Clusters.Contains(cluster) == true)
            {
                scope.Changed(++_change);
                _changed.Add(scope);
                touched.Add(scope);
            }
        }

        return touched;
    }

    /// <summary>Routes that wait are forgotten: they come again with the next stream.</summary>
    public void DropWaiting()
    {
        foreach (var scope in _incomplete.ToList())
        {
            Drop(scope);
        }
    }

    /// <summary>Gives up routes that have waited for too long.</summary>
    /// <returns>Each, with a sentence that names what it misses.</returns>
    public IReadOnlyList<(Candidate Route, string Why)> DropOverdue(TimeSpan patience)
    {
        List<(Candidate, string)> dropped = [];
        foreach (var scope in _incomplete.Where(scope => clock.GetElapsedTime(scope.Next!.CameAt) >= patience).ToList())
        {
            var missing = string.Join(", ", Missing(scope.Next!.Route).Take(NamedMax));
            dropped.Add((scope.Next, $"Route {scope.Name} needs what has not come within {patience.TotalSeconds} s: {missing}."));
            Drop(scope);
        }

        return dropped;
    }

    /// <summary>The next update will hold everything: whoever reads it has forgotten what there was.</summary>
    public void BeginAnew()
    {
        _whole = true;
        _given.Clear();
    }

    /// <summary>What has changed since the last update, or null.</summary>
    public RoutingUpdate? NextUpdate(Func<FollowedScope, LastUse?> use)
    {
        var scopes = (_whole ? _scopes.Values : (IEnumerable<FollowedScope>)_changed).Where(scope => scope.Current is not null).ToList();
        if (scopes.Count == 0 && _gone.Count == 0 && (!_whole || _version == 0))
        {
            return null;
        }

        foreach (var scope in scopes)
        {
            scope.Routes = Build(scope) with { Use = use(scope) };
            scope.Given = scope.Change;
        }

        var update = new RoutingUpdate(++_version, _whole, [.. scopes.Select(scope => scope.Routes!)]) { Gone = [.. _gone] };
        _given.Enqueue((update.Version, scopes));
        _whole = false;
        _changed.Clear();
        _gone.Clear();
        return update;
    }

    /// <summary>The data plane routes by this version, or a newer one.</summary>
    public void Applied(long version)
    {
        while (_given.TryPeek(out var given) && given.Version <= version)
        {
            foreach (var scope in _given.Dequeue().Scopes.Where(scope => scope.Current is not null))
            {
                scope.Applied = scope.Given;
                if (scope.IsInForce)
                {
                    // Only what is in force may be resumed: the control plane takes it for acknowledged.
                    routes.Take(scope.Name, scope.Current!.Version, scope.Current.Route);
                }
            }
        }
    }

    private bool Promote(FollowedScope scope)
    {
        if (scope.Next is null || Missing(scope.Next.Route).Any())
        {
            return false;
        }

        var before = Clusters(scope);
        scope.Promote(++_change);
        _incomplete.Remove(scope);
        _changed.Add(scope);
        Use(scope, before);
        return true;
    }

    private IEnumerable<string> Missing(ScopeRoute route) =>
        from cluster in route.Needed
        let isKnown = clusters.Find(cluster) is not null
        where !isKnown || endpoints.Find(cluster) is null
        select isKnown ? $"the endpoints of {cluster}" : $"cluster {cluster}";

    private ScopeRoutes Build(FollowedScope scope)
    {
        // What was taken away while a route in force names it goes on as it was: requests are better served by the last that was known.
        var before = scope.Routes?.Pools.ToDictionary(pool => pool.Pool) ?? [];
        var route = scope.Current!.Route;
        var pools = from pool in route.Pools
                    let last = before.GetValueOrDefault(pool.Pool)
                    select new WeightedPool(pool.Pool, pool.Weight, endpoints.Find(pool.Cluster) ?? last?.Endpoints ?? [])
                    {
                        Cluster = pool.Cluster,
                        Rules = clusters.Find(pool.Cluster) ?? last?.Rules ?? PoolRules.None,
                    };
        return new(route.Scope, route.Hosts, [.. pools]) { Rules = route.Rules };
    }

    private void Drop(FollowedScope scope)
    {
        var before = Clusters(scope);
        scope.Next = null;
        _incomplete.Remove(scope);
        Use(scope, before);
    }

    private void Empty(FollowedScope scope)
    {
        var before = Clusters(scope);
        if (scope.Empty() is { } told)
        {
            _gone.Add(told);
        }

        _incomplete.Remove(scope);
        _changed.Remove(scope);
        Use(scope, before);
    }

    private HashSet<FollowedScope> Users(string cluster) => _users.GetValueOrDefault(cluster) ?? [];

    private static HashSet<string> Clusters(FollowedScope scope) => scope.Clusters.ToHashSet(StringComparer.Ordinal);

    /// <summary>Subscribes to the clusters that it has come to need, and unsubscribes from those that nobody needs any more.</summary>
    private void Use(FollowedScope scope, HashSet<string> before)
    {
        var now = Clusters(scope);
        foreach (var cluster in now.Except(before))
        {
            if (!_users.TryGetValue(cluster, out var users))
            {
                _users[cluster] = users = [];
                clusters.Subscribe(cluster);
                endpoints.Subscribe(cluster);
            }

            users.Add(scope);
        }

        foreach (var cluster in before.Except(now))
        {
            if (_users.TryGetValue(cluster, out var users) && users.Remove(scope) && users.Count == 0)
            {
                _users.Remove(cluster);
                clusters.Unsubscribe(cluster);
                endpoints.Unsubscribe(cluster);
            }
        }
    }
}
