using Envoy.Config.Route.V3;
using Fury.Kernel;
using Fury.Sidecar.Following;
using Fury.Sidecar.Tests.Following;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Sidecar.Tests;

public sealed class RouteReadingTests
{
    private static readonly PoolId Blue = World.Pool();
    private static readonly PoolId Green = World.Pool();

    [Fact]
    public void Every_rule_of_a_route_is_read()
    {
        var action = new RouteAction
        {
            WeightedClusters = Resources.Weights(Resources.Scope, (Blue, 90), (Green, 10)),
            Timeout = TimeSpan.FromSeconds(3).ToDuration(),
            RetryPolicy = new() { NumRetries = 2, PerTryTimeout = TimeSpan.FromSeconds(1).ToDuration() },
            HashPolicy = { new RouteAction.Types.HashPolicy { Cookie = new() { Name = "who", Ttl = TimeSpan.FromHours(1).ToDuration() } } },
        };
        var mirrored = action.Clone();
        mirrored.RequestMirrorPolicies.Add(new RouteAction.Types.RequestMirrorPolicy
        {
            Cluster = Resources.Cluster(Green),
            RuntimeFraction = new() { DefaultValue = new() { Numerator = 5 } },
        });

        var route = RouteReading.Read(Configuration(
            Preview(new() { Name = "x-fury-pool", StringMatch = new() { Exact = $"{Green}" } }),
            Preview(new() { Name = "cookie", StringMatch = new() { SafeRegex = new() { Regex = ".*" } } }),
            new Route { Match = Match(new HeaderMatcher { Name = ":method", StringMatch = new() { SafeRegex = new() { Regex = "GET" } } }), Route_ = mirrored },
            new Route { Match = Match(), Route_ = action }));

        Assert.Equal([(Blue, 90), (Green, 10)], route.Pools.Select(pool => (pool.Pool, pool.Weight)));
        Assert.Equal(TimeSpan.FromSeconds(3), route.Rules.Timeout);
        Assert.Equal(new(2, TimeSpan.FromSeconds(1)), route.Rules.Retries);
        Assert.Equal(new(null, "who", TimeSpan.FromHours(1)), route.Rules.Affinity);
        Assert.Equal(new(Green, 50_000), route.Rules.Mirror);
        Assert.Equal([Green], route.Rules.Previews);
    }

    [Theory]
    [InlineData(MeshProtocol.RouteMetadata, MeshProtocol.Hold, true)]
    [InlineData("envoy.lb", MeshProtocol.Hold, false)]
    [InlineData(MeshProtocol.RouteMetadata, "canary", false)]
    public void Requests_are_held_where_the_routes_metadata_says_so(string filter, string field, bool holds)
    {
        var route = new Route
        {
            Match = Match(),
            Route_ = new() { WeightedClusters = Resources.Weights(Resources.Scope, (Blue, 1)) },
            Metadata = new() { FilterMetadata = { [filter] = new() { Fields = { [field] = Value.ForBool(true) } } } },
        };

        Assert.Equal(holds, RouteReading.Read(Configuration(route)).Rules.Holds);
    }

    [Fact]
    public void A_timeout_of_zero_is_none_and_a_scope_that_nothing_serves_is_known()
    {
        var usual = new RouteAction { WeightedClusters = Resources.Weights(Resources.Scope, (Blue, 1)), Timeout = new Duration() };

        Assert.Null(RouteReading.Read(Configuration(new Route { Match = Match(), Route_ = usual })).Rules.Timeout);
        Assert.Empty(RouteReading.Read(Configuration(new Route { Match = Match(), DirectResponse = new() { Status = 503 } })).Pools);
    }

    [Fact]
    public void What_would_have_to_be_ignored_is_refused_by_name()
    {
        var usual = new RouteAction { WeightedClusters = Resources.Weights(Resources.Scope, (Blue, 1)) };

        Refused("prefix /", new Route { Match = new() { Prefix = "/only" }, Route_ = usual });
        Refused("'x-other'", new Route { Match = Match(new HeaderMatcher { Name = "x-other", PresentMatch = true }), Route_ = usual });
        Refused("Redirect", new Route { Match = Match(), Redirect = new() });
        Refused("add up to 0", new Route { Match = Match(), Route_ = new() { WeightedClusters = Resources.Weights(Resources.Scope, (Blue, 0)) } });
        Refused("'elsewhere'", new Route { Match = Match(), Route_ = new() { Cluster = "elsewhere" } });
    }

    private static void Refused(string why, Route route) =>
        Assert.Contains(why, Assert.Throws<NotUnderstoodException>(() => RouteReading.Read(Configuration(route))).Message);

    private static RouteConfiguration Configuration(params Route[] routes) => new()
    {
        Name = Resources.Scope,
        VirtualHosts = { new VirtualHost { Name = Resources.Scope, Domains = { Resources.Scope }, Routes = { routes } } },
    };

    private static Route Preview(HeaderMatcher header) => new() { Match = Match(header), Route_ = new() { Cluster = Resources.Cluster(Green) } };

    private static RouteMatch Match(params HeaderMatcher[] headers) => new() { Prefix = "/", Headers = { headers } };
}
