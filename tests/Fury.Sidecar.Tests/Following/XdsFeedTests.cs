using System.Net;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Sidecar.Forwarding;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Sidecar.Tests.Following;

/// <summary>A sidecar as it runs, and control planes on real streams.</summary>
public sealed class XdsFeedTests
{
    private static readonly PoolId Blue = World.Pool();
    private static readonly PoolId Green = World.Pool();

    [Fact]
    public async Task A_request_for_an_unknown_host_asks_for_it_and_waits_for_its_routes()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var backend = await world.Backend("one");
        plane.Put(Scope((Blue, 100, backend.Port)));

        Assert.Equal("one", await world.Text());

        using var byShortName = await world.Send(HttpMethod.Get, "/", host: "Production-Web.shop");
        Assert.Equal("one", await byShortName.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_host_that_the_control_plane_does_not_know_is_not_found_until_it_appears()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var backend = await world.Backend("one");

        using var unknown = await world.Get();
        using var impossible = await world.Send(HttpMethod.Get, "/", host: "no.such.name.example");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.StatusCode, impossible.StatusCode));
        Assert.Equal("unknown-host", unknown.Headers.GetValues(Refusal.Header).Single());
        plane.Put(Scope((Blue, 100, backend.Port)));
        await Eventually.True(async () => await world.Text() == "one");
    }

    [Fact]
    public async Task While_no_control_plane_answers_a_request_is_told_to_come_back()
    {
        await using var plane = await ScriptedControlPlane.Start();
        plane.IsUnloaded = true;
        await using var world = await World.Following(plane);

        using var response = await world.Get();

        Assert.Equal("routes-not-loaded", response.Headers.GetValues(Refusal.Header).Single());
        plane.IsUnloaded = false;
        var backend = await world.Backend("one");
        plane.Put(Scope((Blue, 100, backend.Port)));
        await Eventually.True(async () => await world.Text() == "one");
    }

    [Fact]
    public async Task A_route_that_comes_before_its_cluster_moves_nothing_until_that_is_here()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        plane.Put(Scope((Blue, 100, blue.Port)));
        await world.Text();
        await Settled(plane);
        plane.Do(model => model.Withheld.Add($"{TypeUrls.Cluster} {Resources.Cluster(Green)}"));
        plane.Put([Resources.Route(Resources.Scope, (Green, 100)), Resources.PoolCluster(Green), Resources.Endpoints(Green, green.Port)]);
        await Eventually.True(() => plane.Do(model => model.Heard.Any(request =>
            request.TypeUrl == TypeUrls.Cluster && request.ResourceNamesSubscribe.Contains(Resources.Cluster(Green)))));
        Assert.Equal("blue", await world.Text());
        Assert.True(plane.Do(model => model.IsUnderWay));

        plane.Do(model => model.Withheld.Remove($"{TypeUrls.Cluster} {Resources.Cluster(Green)}"));
        await Settled(plane);

        // It is acknowledged, so it is applied.
        Assert.Equal("green", await world.Text());
    }

    [Fact]
    public async Task An_acknowledged_route_is_the_one_that_requests_go_by()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        plane.Put(Scope((Blue, 100, blue.Port), (Green, 0, green.Port)));
        await world.Text();

        for (var round = 0; round < 50; round++)
        {
            var toGreen = round % 2 == 0;
            plane.Put([Resources.Route(Resources.Scope, (Blue, toGreen ? 0 : 100), (Green, toGreen ? 100 : 0))]);
            await Settled(plane);
            Assert.Equal(toGreen ? "green" : "blue", await world.Text());
        }
    }

    [Fact]
    public async Task A_route_that_cannot_be_understood_is_refused_and_requests_go_on_by_the_last()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var backend = await world.Backend("one");
        plane.Put(Scope((Blue, 100, backend.Port)));
        await world.Text();

        plane.Put([Resources.BadRoute(Resources.Scope)]);
        await Eventually.True(() => plane.Do(model => model.Refusals.Count) == 1);

        Assert.Contains(Resources.Scope, plane.Do(model => model.Refusals.Single()));
        Assert.Equal("one", await world.Text());
    }

    [Fact]
    public async Task A_broken_stream_is_resumed_at_the_next_control_plane_while_requests_go_on()
    {
        await using var first = await ScriptedControlPlane.Start();
        await using var second = await ScriptedControlPlane.Start();
        await using var world = await World.Following(first, second);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var scope = Scope((Blue, 100, blue.Port), (Green, 0, green.Port));
        first.Put(scope);
        second.Put(scope);
        await world.Text();
        var (used, other) = first.Streams > 0 ? (first, second) : (second, first);
        await Eventually.True(() => used.Do(model => scope.All(one => model.Acked.ContainsKey((Resources.TypeOf(one), one.Name)))));
        using var load = new Load(world, clients: 4);
        await load.More(50);

        used.IsUnloaded = true;
        await used.Break();
        await Eventually.True(() => other.Streams > 0 && other.Do(model => model.Acked.ContainsKey((TypeUrls.RouteConfiguration, Resources.Scope))));
        await load.More(50);
        other.Put([Resources.Route(Resources.Scope, (Blue, 0), (Green, 100))]);
        await Settled(other);

        Assert.Equal("green", await world.Text());
        await load.Stop();
        Assert.Empty(load.Failures);
        var requests = other.Do(model => model.Heard.ToList());
        foreach (var type in Resources.Order)
        {
            var resumed = requests.First(request => request.TypeUrl == type).InitialResourceVersions;
            Assert.All(scope.Where(resource => Resources.TypeOf(resource) == type), resource => Assert.Equal(resource.Version, resumed[resource.Name]));
        }
    }

    [Fact]
    public async Task Replicas_are_told_of_once_they_are_asked_for_from_when_their_scope_was_split_and_no_more_when_they_are_not()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var (well, sick, other) = (await world.Backend("well"), await world.Backend("sick"), await world.Backend("other"));
        sick.Fails = true;
        plane.Put([.. Scope((Blue, 100, well.Port), (Green, 0, other.Port)), Resources.Endpoints(Blue, well.Port, sick.Port)]);
        await Send(40);
        Assert.Equal(0, plane.Of(Blue, sum => sum.Replicas.Count));

        await plane.AskFor(replicas: true);
        await Eventually.True(() => plane.Of(Blue, sum => sum.Replicas.Values.Sum(replica => replica.Ended)) == 40);
        Assert.Equal((0, sick.Requests), plane.Of(Blue, sum => (sum.Replicas[(uint)well.Port].Failed, sum.Replicas[(uint)sick.Port].Failed)));

        await plane.AskFor(replicas: false);
        await Eventually.True(async () =>
        {
            var before = plane.Of(Blue, sum => sum.Replicas.Values.Sum(replica => replica.Ended));
            await Send(10);
            return plane.Of(Blue, sum => sum.Replicas.Values.Sum(replica => replica.Ended)) == before;
        });

        async Task Send(int requests)
        {
            var before = plane.Of(Blue, sum => sum.Ended);
            for (var request = 0; request < requests; request++)
            {
                using var response = await world.Get();
            }

            await Eventually.True(() => plane.Of(Blue, sum => sum.Ended) == before + requests);
        }
    }

    [Fact]
    public async Task Load_reports_add_up_over_a_broken_stream()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following(plane);
        var backend = await world.Backend("one");
        plane.Put(Scope((Blue, 100, backend.Port)));
        await world.Text();
        await Eventually.True(() => plane.LoadStreams == 1);

        for (var round = 1; round <= 3; round++)
        {
            await Parallel.ForAsync(0, 20, async (number, _) => (await world.Get(number % 10 == 0 ? "/error" : "/")).Dispose());
            await Eventually.True(() => plane.Do(_ => plane.Loads.GetValueOrDefault(Resources.Cluster(Blue))?.Ended ?? 0) == (30 * round) - 9);
            plane.IsUnloaded = true;
            await plane.Break();

            // It has come back and was sent away, so it knows that nobody listens.
            var refused = plane.Refused;
            await Eventually.True(() => plane.Refused > refused);
            await Parallel.ForAsync(0, 10, async (number, _) => (await world.Get(number % 10 == 0 ? "/error" : "/")).Dispose());
            plane.IsUnloaded = false;
            await Eventually.True(() => plane.LoadStreams == 1 + round);
        }

        await Eventually.True(() => Load() is { Succeeded: 82, Failed: 9, InFlight: 0, Issued: 91, Unanswered: 0 });
        Assert.Equal(91, Load().Latencies.Sum());

        LoadDeltasTests.Sum Load() => plane.Do(_ => plane.Loads[Resources.Cluster(Blue)]);
    }

    /// <summary>Everything that the control plane has said is acknowledged.</summary>
    private static Task Settled(ScriptedControlPlane plane) => Eventually.True(() => plane.Do(model =>
        !model.IsUnderWay
        && model.Acked.GetValueOrDefault((TypeUrls.RouteConfiguration, Resources.Scope))
            == model.Find(TypeUrls.RouteConfiguration, Resources.Scope)?.Version));

    private static Resource[] Scope(params (PoolId Pool, int Weight, int Port)[] pools) =>
    [
        Resources.Listener(),
        Resources.Route(Resources.Scope, [.. pools.Select(pool => (pool.Pool, pool.Weight))]),
        .. pools.Select(pool => Resources.PoolCluster(pool.Pool)),
        .. pools.Select(pool => Resources.Endpoints(pool.Pool, pool.Port)),
    ];
}
