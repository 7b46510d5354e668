using Envoy.Config.Route.V3;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;
using ClusterLoadAssignment = Envoy.Config.Endpoint.V3.ClusterLoadAssignment;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>A mesh in memory that changes by chance: the state, the hub and the rendering as they are, without a database or a connection.</summary>
internal sealed class SessionWorld
{
    public const string CallerScope = "shop/production-caller";

    private static readonly ScopeRef[] Scopes = [MeshHost.Scope("a"), MeshHost.Scope("b"), MeshHost.Scope("c")];

    private static readonly TrafficPolicy[] Policies =
    [
        TrafficPolicy.Default,
        new(RequestTimeoutMs: 1000),
        new(Outliers: new()),
        new(Affinity: new(Header: "x-user"), Outliers: new(Consecutive5xx: 7)),
    ];

    private readonly Random _random;
    private readonly MeshState _state = new();
    private readonly Dictionary<string, IReadOnlyList<string>> _clusters = [];
    private readonly HashSet<string> _full = [];
    private readonly List<(ScopeRef Scope, PoolId Pool)> _pools = [];
    private long _revision;

    public SessionWorld(Random random)
    {
        _random = random;
        Apply([], [], [], [new(Caller, [.. Scopes.Take(2)])]);
        foreach (var scope in Scopes)
        {
            Publish(scope);
        }
    }

    public static ScopeRef Caller { get; } = ScopeRef.Parse(CallerScope);

    public XdsHub Hub { get; } = new();

    public TestClock Clock { get; } = new();

    public XdsStream Open(string proxy, Dialect dialect, Rejections rejections, Func<IXdsView, Rejections, TimeProvider, AdsSession> session)
    {
        var view = Hub.View(MeshNames.Of(Caller), dialect, EnvoyListener.Default);
        var identity = new ProxyIdentity(proxy, Caller, dialect, "test");
        var stream = new XdsStream(identity, view, session(view, rejections, Clock), Clock.GetUtcNow());
        Hub.Open(stream);
        return stream;
    }

    /// <summary>A name that there is, was, or never will be.</summary>
    public string AnyName(XdsType type, Dialect dialect) => _random.Next(12) switch
    {
        0 => "nobody",
        < 4 when type is XdsType.Listener or XdsType.Route && dialect == Dialect.Envoy => MeshNames.Outbound,
        _ when type is XdsType.Listener or XdsType.Route => MeshNames.Of(Any(Scopes)),
        _ => _pools.Count == 0 ? "nobody" : NameOf(Any(_pools)),
    };

    /// <summary>The clusters that a version of some routes names.</summary>
    public IReadOnlyList<string> ClustersOf(string routesVersion) => _clusters.GetValueOrDefault(routesVersion, []);

    /// <summary>Whether a version of endpoints is one that a client was sent, and has any.</summary>
    public bool HasEndpoints(string version) => _full.Contains(version);

    /// <summary>A client was sent this.</summary>
    public void Know(XdsType type, string version, Any resource)
    {
        if (type == XdsType.Endpoint && resource.Unpack<ClusterLoadAssignment>().Endpoints.Count > 0)
        {
            _full.Add(version);
        }
        else if (type == XdsType.Route && !_clusters.ContainsKey(version))
        {
            _clusters[version] =
            [
                .. from host in resource.Unpack<RouteConfiguration>().VirtualHosts
                   from route in host.Routes
                   from cluster in route.Route_?.WeightedClusters?.Clusters ?? []
                   select cluster.Name,
            ];
        }
    }

    /// <summary>Something changes; says what.</summary>
    public string Change()
    {
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var at = Any(Scopes);
        switch (_random.Next(10))
        {
            case < 4:
                Publish(at);
                return $"routes of {at}";
            case < 7 when _pools.Count > 0:
                var (scope, pool) = Any(_pools);
                Apply([], [PoolOf(scope, pool)], [], []);
                return $"endpoints of {NameOf((scope, pool))}";
            case < 9:
                Apply([], [], [new(at, Any(Policies))], []);
                return $"policy of {at}";
            default:
                ScopeRef[] on = [.. Scopes.Where(_ => _random.Next(2) == 0)];
                Apply([], [], [], [new(Caller, on)]);
                return $"dependencies [{string.Join(' ', on)}]";
        }
    }

    private void Publish(ScopeRef scope)
    {
        List<PoolId> pools = [.. from known in _pools where known.Scope == scope && _random.Next(2) == 0 select known.Pool];
        List<PoolChange> come = [];
        if (_random.Next(3) == 0)
        {
            var id = new byte[16];
            _random.NextBytes(id);
            pools.Add(PoolId.From(new Guid(id)));
            _pools.Add((scope, pools[^1]));
            come.Add(PoolOf(scope, pools[^1]));
        }

        // Few weights, so that what was there before comes back.
        Apply([new(scope, [.. pools.TakeLast(3).Select(pool => new PoolWeight(pool, 50 * _random.Next(3)))])], come, [], []);
    }

    private PoolChange PoolOf(ScopeRef scope, PoolId pool) => new(
        pool,
        scope,
        "local/here/instances",
        [.. Enumerable.Range(1, _random.Next(3)).Select(number => new Endpoint(InstanceId.From(new Guid(number, 0, 0, new byte[8])), "127.9.0.1", number))],
        Retired: _random.Next(8) == 0);

    private void Apply(
        IReadOnlyList<TableChange> tables,
        IReadOnlyList<PoolChange> pools,
        IReadOnlyList<PolicyChange> policies,
        IReadOnlyList<DependencyChange> dependencies) => Hub.Apply(_state.Apply(new(++_revision, tables, pools, policies, dependencies)));

    private T Any<T>(IReadOnlyList<T> things) => things[_random.Next(things.Count)];

    private static string NameOf((ScopeRef Scope, PoolId Pool) pool) => MeshNames.Of(pool.Scope, pool.Pool);
}
