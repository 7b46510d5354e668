using Envoy.Config.Core.V3;
using Fury.Kernel;
using Fury.Sidecar.Following;
using Fury.Sidecar.Routing;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Sidecar.Tests.Following;

/// <summary>The protocol without a server: a model of a control plane on the other side, and a data plane that is a dictionary.</summary>
public sealed class XdsClientTests
{
    private static readonly PoolId Blue = World.Pool();
    private static readonly PoolId Green = World.Pool();

    [Fact]
    public void A_scope_is_given_when_its_route_its_clusters_and_their_endpoints_are_here()
    {
        var talk = new Talk { Plane = { Wild = { Resources.Scope } } };
        talk.Plane.Put(Resources.Listener(), Resources.Route(Resources.Scope, (Blue, 90), (Green, 10)), Resources.PoolCluster(Blue));
        talk.Plane.Put(Resources.Endpoints(Blue, 1), Resources.PoolCluster(Green), Resources.Endpoints(Green, 2, 3));
        talk.Open();
        talk.Until();

        var update = talk.Client.NextUpdate()!;

        Assert.Equal((1, true), (update.Version, update.Whole));
        var scope = Assert.Single(update.Scopes);
        Assert.Equal(ScopeRef.Parse("shop/production-web"), scope.Scope);
        Assert.Equal(["production-web.shop.localhost", "production-web.shop"], scope.Hosts);
        Assert.Equal([(Blue, 90, 1), (Green, 10, 2)], scope.Pools.Select(pool => (pool.Pool, pool.Weight, pool.Endpoints.Count)));
        Assert.Equal(Resources.Cluster(Blue), scope.Pools[0].Cluster);
        Assert.Null(talk.Client.NextUpdate());
    }

    [Fact]
    public void A_route_and_endpoints_are_acknowledged_after_they_are_applied_and_not_before()
    {
        var talk = Talk.With((Blue, 100));
        talk.Plane.Put(Resources.Route(Resources.Scope, (Blue, 50), (Green, 50)), Resources.PoolCluster(Green), Resources.Endpoints(Green, 2));
        talk.Until();
        var update = talk.Client.NextUpdate()!;
        talk.Until();
        Assert.True(talk.Plane.IsUnderWay);
        Assert.NotEqual(talk.Plane.Find(TypeUrls.RouteConfiguration, Resources.Scope)!.Version, talk.Acked(TypeUrls.RouteConfiguration, Resources.Scope));

        talk.Client.Applied(update.Version);
        talk.Until();

        Assert.False(talk.Plane.IsUnderWay);
        Assert.Equal(talk.Plane.Find(TypeUrls.RouteConfiguration, Resources.Scope)!.Version, talk.Acked(TypeUrls.RouteConfiguration, Resources.Scope));
    }

    [Fact]
    public void A_route_that_arrives_before_its_cluster_changes_nothing_until_that_has_come()
    {
        var talk = Talk.With((Blue, 100));
        talk.Plane.Withheld.Add($"{TypeUrls.ClusterLoadAssignment} {Resources.Cluster(Green)}");
        talk.Plane.Put(Resources.Route(Resources.Scope, (Green, 100)), Resources.PoolCluster(Green), Resources.Endpoints(Green, 2));
        talk.Until();
        Assert.Null(talk.Client.NextUpdate());

        talk.Plane.Withheld.Clear();
        talk.Until();

        Assert.Equal([Green], talk.Client.NextUpdate()!.Scopes.Single().Pools.Select(pool => pool.Pool));
    }

    [Fact]
    public void A_route_whose_clusters_do_not_come_is_refused_by_a_sentence_that_names_them_and_the_last_stays()
    {
        var talk = Talk.With((Blue, 100));
        talk.Plane.Put(Resources.Route(Resources.Scope, (Blue, 1), (Green, 99)));
        talk.Until();
        Assert.Equal(XdsClient.MissingMax, talk.Client.UntilTick);

        talk.Clock.Advance(XdsClient.MissingMax - TimeSpan.FromTicks(1));
        talk.Client.Tick();
        talk.Until();
        Assert.Empty(talk.Plane.Refusals);
        talk.Clock.Advance(TimeSpan.FromTicks(1));
        talk.Client.Tick();
        talk.Until();

        Assert.Contains($"cluster {Resources.Cluster(Green)}", Assert.Single(talk.Plane.Refusals));
        Assert.Null(talk.Client.NextUpdate());
        Assert.Null(talk.Client.UntilTick);
        talk.Plane.Put(Resources.Endpoints(Blue, 7));
        talk.Until();
        Assert.Equal([7], talk.Client.NextUpdate()!.Scopes.Single().Pools.Single().Endpoints.Select(endpoint => endpoint.Port));
    }

    [Fact]
    public void A_resource_that_cannot_be_understood_is_refused_by_name_and_what_came_with_it_is_taken()
    {
        var talk = Talk.With((Blue, 100));
        talk.Plane.Wild.Add("production-api.shop");
        talk.Plane.Put(Resources.Listener("production-api.shop"), Resources.PoolCluster(Green, "production-api.shop"));
        talk.Plane.Put(Resources.Endpoints(Green, "production-api.shop", [4]));
        talk.Until(TypeUrls.Listener);
        talk.Plane.Put(Resources.BadRoute(Resources.Scope), Resources.Route("production-api.shop", (Green, 100)));
        talk.Until();

        var update = talk.Client.NextUpdate()!;
        talk.Client.Applied(update.Version);
        talk.Until();

        Assert.Equal("RouteConfiguration production-web.shop cannot be used: only routes by the prefix / are known here.", talk.Plane.Refusals.Single());
        Assert.Equal("shop/production-api", update.Scopes.Single().Scope.ToString());
    }

    [Fact]
    public void The_next_stream_resumes_at_what_is_in_force()
    {
        var talk = Talk.With((Blue, 100));
        var inForce = talk.Plane.Find(TypeUrls.RouteConfiguration, Resources.Scope)!.Version;
        talk.Plane.Put(Resources.Route(Resources.Scope, (Green, 100)), Resources.PoolCluster(Green), Resources.Endpoints(Green, 2));
        talk.Until();
        talk.Plane.Heard.Clear();

        // It has come, but nobody has applied it.
        talk.Open();
        talk.Hear();

        var first = talk.Plane.Heard.ToDictionary(request => request.TypeUrl);
        Assert.Equal("the-node", first[TypeUrls.Listener].Node.Id);
        Assert.All(first.Values, request => Assert.Equal(request.TypeUrl == TypeUrls.Listener, request.Node is not null));
        Assert.Contains("*", first[TypeUrls.Listener].ResourceNamesSubscribe);
        Assert.Equal(inForce, first[TypeUrls.RouteConfiguration].InitialResourceVersions[Resources.Scope]);
        Assert.Equal([Resources.Scope], first[TypeUrls.Listener].InitialResourceVersions.Keys);
        Assert.Equal([Resources.Cluster(Green)], first[TypeUrls.Cluster].InitialResourceVersions.Keys);
        Assert.Empty(first[TypeUrls.ClusterLoadAssignment].InitialResourceVersions);
    }

    [Fact]
    public void A_listener_that_is_removed_takes_its_scope_with_it()
    {
        var talk = Talk.With((Blue, 100));
        talk.Plane.Remove(TypeUrls.Listener, Resources.Scope);
        talk.Until();

        var update = talk.Client.NextUpdate()!;

        Assert.Equal(["shop/production-web"], update.Gone.Select(scope => scope.ToString()));
        Assert.Empty(update.Scopes);
        Assert.Contains(Resources.Scope, talk.Plane.Heard.Where(request => request.TypeUrl == TypeUrls.RouteConfiguration).Last().ResourceNamesUnsubscribe);
    }

    [Fact]
    public void A_name_on_demand_is_known_to_be_absent_until_the_control_plane_says_otherwise()
    {
        var talk = new Talk();
        talk.Open();
        Assert.True(talk.Client.Demand(Resources.Scope));
        Assert.Null(talk.Client.Find(Resources.Scope));
        talk.Until();
        Assert.Equal(HostAnswer.Unknown, talk.Client.Find(Resources.Scope));

        talk.Plane.Put(Resources.Listener(), Resources.Route(Resources.Scope, (Blue, 100)), Resources.PoolCluster(Blue), Resources.Endpoints(Blue, 1));
        talk.Until();
        Assert.Null(talk.Client.Find(Resources.Scope));
        talk.Apply();

        Assert.Equal(HostAnswer.Routed, talk.Client.Find(Resources.Scope));
    }

    [Fact]
    public void Names_on_demand_are_bounded_and_only_idle_ones_make_room_the_longest_idle_first()
    {
        var talk = new Talk();
        talk.Open();
        for (var name = 0; name < Demands.NamesMax; name++)
        {
            Assert.True(talk.Client.Demand($"production-a{name}.shop"));
            talk.Clock.Advance(TimeSpan.FromTicks(1));
        }

        talk.Hear();
        talk.Plane.Heard.Clear();
        Assert.False(talk.Client.Demand("production-new.shop"));
        talk.Clock.Advance(Demands.IdleMax - TimeSpan.FromTicks(1));
        Assert.True(talk.Client.Demand("production-a0.shop"));

        Assert.True(talk.Client.Demand("production-new.shop"));
        talk.Hear();

        Assert.Equal(Demands.NamesMax, talk.Client.Demanded);
        var request = Assert.Single(talk.Plane.Heard);
        Assert.Equal(["production-new.shop"], request.ResourceNamesSubscribe);
        Assert.Equal(["production-a1.shop"], request.ResourceNamesUnsubscribe);
    }

    /// <summary>A client and the model of its control plane, with nothing between them.</summary>
    internal sealed class Talk
    {
        public Talk() => Client = new(Clock);

        public ManualClock Clock { get; } = new();

        public XdsClient Client { get; }

        public PlaneModel Plane { get; init; } = new();

        /// <summary>One scope that is in force.</summary>
        public static Talk With(params (PoolId Pool, int Weight)[] pools)
        {
            var talk = new Talk { Plane = { Wild = { Resources.Scope } } };
            talk.Plane.Put(Resources.Listener(), Resources.Route(Resources.Scope, pools));
            foreach (var (pool, _) in pools)
            {
                talk.Plane.Put(Resources.PoolCluster(pool), Resources.Endpoints(pool, 1));
            }

            talk.Open();
            talk.Until();
            talk.Apply();
            talk.Until();
            return talk;
        }

        public void Open()
        {
            Plane.Open();
            Client.Open(new Node { Id = "the-node" });
        }

        public string? Acked(string type, string name) => Plane.Acked.GetValueOrDefault((type, name));

        public void Hear()
        {
            while (Client.NextRequest() is { } request)
            {
                Plane.Hear(request);
            }
        }

        /// <summary>Both speak until neither has anything to say.</summary>
        /// <param name="only">Responses of one type only.</param>
        public void Until(string? only = null)
        {
            Hear();
            while ((only is null ? Plane.Next() : Plane.Next(only)) is { } response)
            {
                Client.Receive(response);
                Hear();
            }
        }

        public void Apply()
        {
            while (Client.NextUpdate() is { } update)
            {
                Client.Applied(update.Version);
            }
        }
    }
}
