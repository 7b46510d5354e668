using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Sidecar.Following;

/// <summary>
/// The sidecar's side of delta xDS without any I/O: responses in, requests and updates of the routes out. It outlives its streams, and resumes
/// on the next one. A route is given to the data plane when every cluster with weight and its endpoints are here, and acknowledged when the
/// data plane has applied it: acknowledged means applied. Not safe for threads; its owner locks.
/// </summary>
/// <seealso href="https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds"/>
internal sealed class XdsClient
{
    /// <summary>A route whose clusters have not come within this is refused, so that it does not hold up the routes behind it.</summary>
    public static readonly TimeSpan MissingMax = TimeSpan.FromSeconds(5);

    private readonly Subscription<string> _listeners = new(TypeUrls.Listener, isWild: true);
    private readonly Subscription<ScopeRoute> _routes = new(TypeUrls.RouteConfiguration);
    private readonly Subscription<PoolRules> _clusters = new(TypeUrls.Cluster);
    private readonly Subscription<IReadOnlyList<Endpoint>> _endpoints = new(TypeUrls.ClusterLoadAssignment);
    private readonly Queue<HeldAnswer> _heldRoutes = new();
    private readonly Queue<HeldAnswer> _heldEndpoints = new();
    private readonly FollowedScopes _scopes;
    private readonly Demands _demands;
    private readonly TimeProvider _clock;

    public XdsClient(TimeProvider clock)
    {
        _clock = clock;
        _demands = new(_listeners, clock);
        _scopes = new(_routes, _clusters, _endpoints, clock);
    }

    /// <summary>How many names are subscribed to because a request asked for them.</summary>
    public int Demanded => _demands.Count;

    /// <summary>How long until <see cref="Tick"/> has something to do; null for never.</summary>
    public TimeSpan? UntilTick =>
        _scopes.WaitingSince is not { } since ? null
        : MissingMax - _clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;

    /// <summary>A new stream. What was on its way on the one before is forgotten; what is in force stays, and is resumed.</summary>
    public void Open(Node node)
    {
        _scopes.DropWaiting();
        _heldRoutes.Clear();
        _heldEndpoints.Clear();
        _listeners.Open(node, _ => true);
        _routes.Open(null, _ => true);
        _clusters.Open(null, _ => true);
        _endpoints.Open(null, _scopes.IsSettled);
    }

    /// <summary>The next request to send, or null.</summary>
    public DeltaDiscoveryRequest? NextRequest() => _listeners.Next() ?? _routes.Next() ?? _clusters.Next() ?? _endpoints.Next();

    public void Receive(DeltaDiscoveryResponse response)
    {
        List<Func<bool>> parts = [];
        switch (response.TypeUrl)
        {
            case TypeUrls.Listener:
                _listeners.Answer(response.Nonce, Read(response, _listeners, ResourceReading.Listener, TakeListener, RemoveListener));
                break;
            case TypeUrls.RouteConfiguration:
                _heldRoutes.Enqueue(new(response.Nonce, Read(response, _routes, ResourceReading.Route, TakeRoute, RemoveRoute), parts));
                break;
            case TypeUrls.Cluster:
                _clusters.Answer(response.Nonce, Read(response, _clusters, ResourceReading.Cluster, TakeCluster, _clusters.Remove));
                break;
            case TypeUrls.ClusterLoadAssignment:
                _heldEndpoints.Enqueue(new(response.Nonce, Read(response, _endpoints, ResourceReading.Endpoints, TakeEndpoints, _endpoints.Remove), parts));
                break;
            default:
                break; // Not asked for, so not answered.
        }

        Settle();

        void TakeRoute(string name, string version, ScopeRoute route)
        {
            if (_scopes.Find(name) is { } scope)
            {
                var candidate = new Candidate(route, version, response.Nonce, _clock.GetTimestamp());
                _scopes.Take(scope, candidate);
                parts.Add(() => scope.HasSettled(candidate));
            }
        }

        void TakeEndpoints(string name, string version, IReadOnlyList<Endpoint> endpoints)
        {
            _endpoints.Take(name, version, endpoints);
            foreach (var scope in _scopes.Touch(name))
            {
                var change = scope.Change;
                parts.Add(() => scope.HasApplied(change));
            }
        }
    }

    /// <summary>Asks for the scope of a listener's name. False when there is no room to ask.</summary>
    public bool Demand(string name) => _demands.Ask(name);

    /// <summary>What is known of a name that was asked for; null while the answer is on its way.</summary>
    public HostAnswer? Find(string name) =>
        _listeners.Find(name) is { } route && _scopes.Find(route) is { IsInForce: true } ? HostAnswer.Routed
        : _listeners.IsAbsent(name) ? HostAnswer.Unknown
        : null;

    /// <summary>Refuses routes that have waited too long, and says what they miss.</summary>
    public void Tick()
    {
        foreach (var (route, why) in _scopes.DropOverdue(MissingMax))
        {
            _heldRoutes.FirstOrDefault(answer => answer.Nonce == route.Nonce)?.Fail(why);
        }

        Settle();
    }

    /// <summary>The next update will hold everything: whoever reads it has forgotten what there was.</summary>
    public void BeginAnew() => _scopes.BeginAnew();

    /// <summary>What has changed since the last update, or null.</summary>
    public RoutingUpdate? NextUpdate() => _scopes.NextUpdate(scope => _demands.UseOf(scope.Listeners));

    /// <summary>The data plane routes by this version, or a newer one.</summary>
    public void Applied(long version)
    {
        _scopes.Applied(version);
        Settle();
    }

    private void TakeListener(string name, string version, string route)
    {
        if (_listeners.Find(name) is { } before && before != route)
        {
            _scopes.Leave(name, before);
        }

        _listeners.Take(name, version, route);
        _scopes.Lead(name, route);
    }

    private void RemoveListener(string name)
    {
        if (_listeners.Find(name) is { } route)
        {
            _scopes.Leave(name, route);
        }

        _listeners.Remove(name);
    }

    private void RemoveRoute(string name)
    {
        _routes.Remove(name);
        _scopes.Remove(name);
    }

    private void TakeCluster(string name, string version, PoolRules rules)
    {
        var before = _clusters.Find(name);
        _clusters.Take(name, version, rules);
        if (before != rules)
        {
            _scopes.Touch(name);
        }
    }

    /// <summary>Answers the responses of which everything is applied, in their order.</summary>
    private void Settle()
    {
        Settle(_heldRoutes, _routes.Answer);
        Settle(_heldEndpoints, _endpoints.Answer);
    }

    private static void Settle(Queue<HeldAnswer> held, Action<string, string?> answer)
    {
        while (held.TryPeek(out var first) && first.IsDue)
        {
            answer(first.Nonce, held.Dequeue().Error);
        }
    }

    /// <summary>Takes in what can be understood; the last good one stays in the place of what cannot.</summary>
    /// <returns>What could not be understood, for the answer; null for nothing.</returns>
    private static string? Read<T>(
        DeltaDiscoveryResponse response, Subscription<T> type, Func<Any, T> read, Action<string, string, T> take, Action<string> remove)
        where T : class
    {
        List<string> errors = [];
        foreach (var resource in response.Resources.Where(resource => type.Wants(resource.Name)))
        {
            try
            {
                take(resource.Name, resource.Version, read(resource.Resource_));
            }
            catch (NotUnderstoodException why)
            {
                errors.Add($"{type.Kind} {resource.Name} cannot be used: {why.Message}.");
            }
        }

        foreach (var name in response.RemovedResources.Where(type.Wants))
        {
            remove(name);
        }

        return errors.Count == 0 ? null : string.Join(' ', errors);
    }
}
