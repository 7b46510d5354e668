using Fury.Kernel;
using Fury.Sidecar.Following;
using Fury.Sidecar.Routing;
using Fury.Xds;

namespace Fury.Sidecar.Tests.Following;

/// <summary>Any order of changes, broken streams, slow data planes and bad resources: what always holds, and where it all ends.</summary>
public sealed class RandomTalkTests
{
    private const int Steps = 3000;

    private static readonly string[] Scopes = ["production-a1.shop", "production-b2.shop", "production-c3.shop", "production-d4.shop"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261126)]
    [InlineData(77)]
    public void The_data_plane_never_breaks_and_ends_where_the_control_plane_is(int seed)
    {
        var world = new RandomWorld(seed);
        for (var step = 0; step < Steps; step++)
        {
            world.Step();
            world.Check($"seed {seed}, step {step}");
        }

        world.Quiesce();
        world.CheckEnd($"seed {seed}");
    }

    private sealed class RandomWorld
    {
        private readonly Random _random;
        private readonly XdsClientTests.Talk _talk = new();
        private readonly Dictionary<string, PoolId[]> _pools;
        private readonly Dictionary<ScopeRef, ScopeRoutes> _dataPlane = [];
        private RoutingUpdate? _update;

        public RandomWorld(int seed)
        {
            _random = new(seed);
            _pools = Scopes.ToDictionary(scope => scope, _ => Enumerable.Range(0, 3).Select(_ => World.Pool()).ToArray());
            _talk.Plane.Wild.Add(Scopes[0]);
            _talk.Plane.Wild.Add(Scopes[1]);
            _talk.Open();
        }

        public void Step()
        {
            var scope = Scopes[_random.Next(Scopes.Length)];
            switch (_random.Next(12))
            {
                case 0 or 1:
                    Publish(scope);
                    break;
                case 2:
                    var pool = _pools[scope][_random.Next(3)];
                    _talk.Plane.Put(Resources.Endpoints(pool, scope, [.. Enumerable.Range(1, _random.Next(4)).Select(_ => _random.Next(1, 65536))]));
                    break;
                case 3 when _random.Next(8) == 0:
                    _talk.Plane.Remove(TypeUrls.Listener, scope);
                    break;
                case 4 when _random.Next(4) == 0:
                    _talk.Plane.Put(Resources.BadRoute(scope));
                    break;
                case 5 when _random.Next(10) == 0:
                    _talk.Open();
                    break;
                case 6:
                    _talk.Client.Demand(scope);
                    break;
                case 7:
                    Apply();
                    break;
                case 8:
                    _talk.Clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1500)));
                    _talk.Client.Tick();
                    break;
                default:
                    Speak();
                    break;
            }
        }

        /// <summary>What is routed always leads somewhere, and what is acknowledged is routed (or overtaken by what was applied later).</summary>
        public void Check(string when)
        {
            foreach (var routes in _dataPlane.Values)
            {
                Assert.True(routes.Pools.Count == 0 || routes.Pools.Any(pool => pool.Weight > 0), when);
                Assert.All(routes.Pools, pool => Assert.NotEmpty(pool.Cluster));
            }

            foreach (var scope in Scopes)
            {
                var acked = _talk.Acked(TypeUrls.RouteConfiguration, scope);
                if (acked is { Length: > 0 } && _talk.Plane.Find(TypeUrls.RouteConfiguration, scope) is { } now && now.Version == acked
                    && _talk.Plane.Find(TypeUrls.Listener, scope) is not null
                    && _dataPlane.TryGetValue(RefOf(scope), out var applied))
                {
                    Assert.True(WeightsOf(now).SequenceEqual(applied.Pools.Select(pool => (pool.Pool, pool.Weight))), $"{when}: {scope}");
                }
            }

            // A response that is under way is either waited for or applied: nobody waits for ever.
            Assert.True(_talk.Client.UntilTick is null || _talk.Client.UntilTick <= XdsClient.MissingMax, when);
        }

        public void Quiesce()
        {
            foreach (var scope in Scopes)
            {
                Publish(scope);
                _talk.Client.Demand(scope);
            }

            for (var round = 0; round < 20; round++)
            {
                _talk.Until();
                Apply();
                Apply();
            }
        }

        public void CheckEnd(string when)
        {
            Assert.False(_talk.Plane.IsUnderWay, when);
            Assert.Equal(Scopes.Length, _dataPlane.Count);
            foreach (var scope in Scopes)
            {
                var routes = _dataPlane[RefOf(scope)];
                Assert.Equal(WeightsOf(_talk.Plane.Find(TypeUrls.RouteConfiguration, scope)!), routes.Pools.Select(pool => (pool.Pool, pool.Weight)));
                Assert.Equal(HostAnswer.Routed, _talk.Client.Find(scope));
                foreach (var pool in routes.Pools)
                {
                    var wanted = ResourceReading.Endpoints(_talk.Plane.Find(TypeUrls.ClusterLoadAssignment, pool.Cluster)!.Resource_);
                    Assert.Equal(wanted, pool.Endpoints);
                }
            }
        }

        private static ScopeRef RefOf(string scope) => MeshNames.TryParseScope(scope, out var found) ? found! : throw new FormatException(scope);

        private static IEnumerable<(PoolId, int)> WeightsOf(Envoy.Service.Discovery.V3.Resource route)
        {
            try
            {
                return ResourceReading.Route(route.Resource_).Pools.Select(pool => (pool.Pool, pool.Weight));
            }
            catch (NotUnderstoodException)
            {
                return [];
            }
        }

        /// <summary>A route with some of the scope's pools; most of the time with everything that it needs.</summary>
        private void Publish(string scope)
        {
            var pools = _pools[scope].Where(_ => _random.Next(3) > 0).DefaultIfEmpty(_pools[scope][0]).ToList();
            foreach (var pool in pools)
            {
                _talk.Plane.Put(Resources.PoolCluster(pool, scope));
                if (_talk.Plane.Find(TypeUrls.ClusterLoadAssignment, Resources.Cluster(pool, scope)) is null)
                {
                    _talk.Plane.Put(Resources.Endpoints(pool, scope, [_random.Next(1, 65536)]));
                }
            }

            var weights = pools.Select((pool, index) => (pool, index == 0 ? 1 + _random.Next(100) : _random.Next(2) * 50)).ToArray();
            _talk.Plane.Put(Resources.Listener(scope), Resources.Route(scope, weights));
        }

        private void Speak()
        {
            if (_random.Next(2) == 0 && _talk.Client.NextRequest() is { } request)
            {
                Assert.Empty(request.ResourceNamesSubscribe.Intersect(request.ResourceNamesUnsubscribe));
                _talk.Plane.Hear(request);
            }
            else if (_talk.Plane.Next(Resources.Order[_random.Next(4)]) is { } response)
            {
                _talk.Client.Receive(response);
            }
        }

        private void Apply()
        {
            if (_update is { } update)
            {
                foreach (var gone in update.Gone)
                {
                    _dataPlane.Remove(gone);
                }

                foreach (var routes in update.Scopes)
                {
                    _dataPlane[routes.Scope] = routes;
                }

                _talk.Client.Applied(update.Version);
            }

            _update = _talk.Client.NextUpdate();
        }
    }
}
